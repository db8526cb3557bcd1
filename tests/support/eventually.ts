/**
 * Waits until something holds, looking again every 20 ms.
 * @param patience milliseconds after which it is held to never come, on the slowest of machines
 */
export async function eventually(
  check: () => Promise<boolean> | boolean,
  what: string,
  patience = 60_000,
): Promise<void> {
  const until = Date.now() + patience;
  while (!(await check())) {
    if (Date.now() > until) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
