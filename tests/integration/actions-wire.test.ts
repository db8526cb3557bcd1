import { afterAll, beforeAll, expect, it } from "vitest";
import { fits } from "@/emulators/providers/generic/providers";
import type { Manifest } from "@/lib/catalogue/manifest";
import { exampleOf } from "@/tests/support/schema-examples";
import { type Arrived, basesOf, openWire, withAddresses } from "./actions-recorder";
import { manifests } from "./providers-chain";

/** Every action of every connector, as it arrives at the provider. */

let wire: Awaited<ReturnType<typeof openWire>>;
beforeAll(async () => {
  wire = await openWire(manifests);
});
afterAll(() => wire?.close());

/** Whether a call went where a provider's own address and an endpoint's template lead. */
function isAt(manifest: Manifest, template: string, { host, path }: Arrived): boolean {
  const end = path
    .split("/")
    .slice(1 - template.split("/").length)
    .join("/");
  return basesOf(manifest).some((base) => {
    const address = base.replace(/\/$/, "");
    // A host that is the customer's own may bring a path along.
    const own = /^(https:\/\/)?\$\{[^}]*\}$/.test(address) && fits(`x${template}`, "x", `/${end}`, true) !== null;
    return own || fits(`${address}${template}`, host, path, true) !== null;
  });
}

it("every action of every connector arrives at its provider, once, as its manifest says, with a credential and every value in its place", async () => {
  let count = 0;
  for (const manifest of manifests) {
    for (const [name, action] of Object.entries(manifest.actions)) {
      const what = `${manifest.slug} ${name}`;
      const input = withAddresses(action, exampleOf(action.input_schema) as Record<string, unknown>);
      const all = await wire.send(manifest, action, input);
      expect(all, what).toHaveLength(1);
      const [call] = all as [Arrived];
      expect(call.method, what).toBe(action.method);
      const template = action.endpoint.split("?")[0] as string;
      expect(isAt(manifest, template, call), `${what}: ${call.host}${call.path}`).toBe(true);
      for (const key of action.request.path) expect(call.path, what).toContain(encodeURIComponent(String(input[key])));
      const query = new URLSearchParams(call.query);
      for (const key of action.request.query)
        expect(query.getAll(key), `${what} ${key}`).toEqual([input[key]].flat().map(String));
      // Jira's site is found out by a script of Nango's after the sign-in, which the stand-in does not have.
      const address = `${call.path}?${call.query}`.replace("$%7BconnectionConfig.cloudId%7D", "site");
      expect(address, what).not.toMatch(/\$(%7B|\{)/i);

      const fields = {
        ...Object.fromEntries(action.request.body.map((key) => [key, input[key]])),
        ...action.request.constants,
      };
      const type = call.headers["content-type"] ?? "";
      if (action.request.encode === "form") {
        expect(type, what).toMatch(/^application\/x-www-form-urlencoded/);
        expect(Object.fromEntries(new URLSearchParams(call.body)), what).toEqual(
          Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)])),
        );
      } else if (action.method !== "GET" && Object.keys(fields).length > 0) {
        expect(type, what).toMatch(/^application\/json/);
        const body = JSON.parse(call.body);
        if (action.request.encode === "json") expect(body, what).toEqual(fields);
        if (action.request.encode === "graphql")
          expect(body, what).toEqual({ query: action.request.graphql, variables: fields });
        if (action.request.encode === "mime")
          expect(Buffer.from(body.raw, "base64url").toString(), what).toContain("To: ada@acme.test\r\n");
      } else expect(call.body, what).toBe("");
      for (const [header, value] of Object.entries(action.request.headers ?? {}))
        expect(call.headers[header.toLowerCase()], `${what} ${header}`).toBe(value);
      count++;
    }
  }
  expect(count).toBeGreaterThan(300);
});
