/**
 * Stops deliveries to an address that keeps failing. After `failures` failures within `window` ms it opens for `open`
 * ms, during which deliveries are dropped, not queued. Then one delivery is let through: it closes or reopens it.
 */
export class Breaker {
  private readonly circuits = new Map<string, { failures: number[]; openUntil: number; probing: boolean }>();

  constructor(private readonly limits: { failures: number; window: number; open: number }) {}

  allows(url: string, now = Date.now()): boolean {
    const circuit = this.circuits.get(url);
    if (!circuit || circuit.openUntil === 0) return true;
    if (now < circuit.openUntil || circuit.probing) return false;
    circuit.probing = true;
    return true;
  }
  succeeded(url: string): void {
    // While closed a success does not forgive the failures before it: only time does.
    if (this.circuits.get(url)?.probing) this.circuits.delete(url);
  }
  failed(url: string, now = Date.now()): void {
    const circuit = this.circuits.get(url) ?? { failures: [], openUntil: 0, probing: false };
    this.circuits.set(url, circuit);
    if (circuit.probing) {
      circuit.probing = false;
      circuit.openUntil = now + this.limits.open;
      return;
    }
    circuit.failures = [...circuit.failures.filter((at) => at > now - this.limits.window), now];
    if (circuit.failures.length >= this.limits.failures) circuit.openUntil = now + this.limits.open;
  }
  reset(): void {
    this.circuits.clear();
  }
}
