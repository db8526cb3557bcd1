/**
 * `emulate` counts 5,000 requests an hour per token and cannot be told otherwise, which a long test run would meet.
 * So each account is known to it under several tokens, and the gate uses them in turn.
 */
const VARIANTS = 20;

/** All the tokens under which `emulate` must know the bearer of `base`. */
export function internalTokens(base: string): string[] {
  return Array.from({ length: VARIANTS }, (_, at) => `${base}~${at}`);
}

let turn = 0;

export function nextInternalToken(base: string): string {
  turn = (turn + 1) % VARIANTS;
  return `${base}~${turn}`;
}
