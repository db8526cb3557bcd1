/** One line of the report: what was looked at, and what to do when it is not as it should be. */
export type Finding = { ok: boolean; what: string; todo?: string };

export const fine = (what: string): Finding => ({ ok: true, what });
export const wrong = (what: string, todo: string): Finding => ({ ok: false, what, todo });

/**
 * A call that never throws: a service that cannot be reached is a finding, not a crash.
 *
 * @returns the status (0 when there was no answer within 10 s) and the body as text
 */
export async function call(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; text: string; json: () => unknown }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    return { status: response.status, text, json: () => parse(text) };
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
    return { status: 0, text: String(cause), json: () => null };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
