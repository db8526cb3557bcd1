/** Waits until something holds, looking again every 20 ms. */
export async function eventually(
  check: () => Promise<boolean> | boolean,
  what: string,
  patience = 5_000,
): Promise<void> {
  const until = Date.now() + patience;
  while (!(await check())) {
    if (Date.now() > until) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
