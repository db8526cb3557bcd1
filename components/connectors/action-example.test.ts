import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { z } from "zod";
import { manifests } from "@/lib/catalogue/manifests";
import { commandFor } from "./action-example";

const origin = "https://app.example.com";

/** The command's words, as a shell reads them. */
function wordsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; PATCHBAY_KEY=pby_key; ${command}`;
  return execFileSync("bash", ["-c", script]).toString().split("\0").slice(0, -1);
}

test("every connector has a command that a shell reads as it is meant, and that changes nothing where that is possible", () => {
  const scripts = [...manifests.values()].map((manifest) => ({ manifest, command: commandFor(manifest, origin) }));
  // One shell for all: each command's words end in a line of their own.
  const all = wordsOf(scripts.map(({ command }) => `${command}; printf '\\n\\0'`).join("\n"));
  for (const { manifest } of scripts) {
    const words = all.splice(0, all.indexOf("\n") + 1).slice(0, -1);
    expect(words).toContain("Authorization: Bearer pby_key");
    const { pathname } = new URL(words[1] ?? "");
    const [, name] = /^\/api\/v1\/connectors\/[\w-]+\/(\w+)$/.exec(pathname) ?? [];
    if (name === undefined) {
      expect([pathname, Object.keys(manifest.actions)]).toEqual(["/api/v1/connections", []]);
      continue;
    }
    const action = manifest.actions[name];
    const reading = Object.values(manifest.actions).some((each) => each.read_only);
    expect(action?.read_only, manifest.slug).toBe(reading);
    const body: Record<string, unknown> = JSON.parse(words.at(-1) ?? "");
    expect(Object.keys(body).sort(), manifest.slug).toEqual([...(action?.input_schema.required ?? [])].sort());
    const open = Object.values(body).some((value) => JSON.stringify(value).includes("…"));
    const input = action?.input_schema as Parameters<typeof z.fromJSONSchema>[0];
    if (!open) expect(z.fromJSONSchema(input).safeParse(body).success, manifest.slug).toBe(true);
  }
});
