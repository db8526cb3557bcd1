/**
 * Runs once when a server instance starts. The checks need Node (sockets, exit), so the edge bundle never sees them.
 */
export async function register(): Promise<void> {
  // Replaced by the bundler with the runtime's name: the other branch is not even bundled.
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { checkAtStart } = await import("@/lib/start-checks");
    checkAtStart();
  }
}
