import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";

/** Starts the stand-in as its own process, and gives its first line and how it ends. */
function run(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", "emulators/nango/cli.ts", ...args]);
  const ended = once(child, "exit").then(([code]) => code as number);
  const firstLine = (stream: NodeJS.ReadableStream) =>
    new Promise<string>((resolve) => {
      let text = "";
      stream.on("data", (chunk) => {
        text += chunk;
        if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
      });
    });
  return { child, ended, out: firstLine(child.stdout), err: firstLine(child.stderr) };
}

describe("the stand-in as a process of its own", () => {
  it("prints one line of JSON when it listens, has no integrations, and ends on SIGTERM", async () => {
    const { child, ended, out } = run("--port", "0", "--empty", "--webhook-url", "http://127.0.0.1:9/hook");
    const { host, apiKey, webhookSigningKey } = JSON.parse(await out);
    expect(webhookSigningKey).toEqual(expect.any(String));
    const answer = await fetch(`${host}/integrations`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(await answer.json()).toEqual({ data: [] });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("says in one line that its port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { ended, err } = run("--port", String(port));
    expect(await err).toContain(`Port ${port} is in use`);
    expect(await ended).toBe(1);
    server.close();
  });
});
