/** Asks a process of ours to collect its garbage, through Node's inspector, which listens from the first time on. */

/** @param port where its inspector was told to listen (`--inspect-port`) */
export async function collectGarbage(pid: number, port: number): Promise<void> {
  process.kill(pid, "SIGUSR1");
  const socket = new WebSocket(await debuggerUrl(port));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" }));
      socket.onmessage = () => resolve();
      socket.onerror = () => reject(new Error(`The inspector of process ${pid} does not answer.`));
    });
  } finally {
    socket.close();
  }
}

async function debuggerUrl(port: number): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/json`).catch(() => null);
    const [target] = answer ? ((await answer.json()) as { webSocketDebuggerUrl: string }[]) : [];
    if (target) return target.webSocketDebuggerUrl;
    if (Date.now() > deadline) throw new Error(`No inspector listens on port ${port}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
