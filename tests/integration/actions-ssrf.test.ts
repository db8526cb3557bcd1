// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fits } from "@/emulators/providers/generic/providers";
import type { Action } from "@/lib/actions/find";
import { buildRequest } from "@/lib/actions/request";
import type { Manifest } from "@/lib/catalogue/manifest";
import { AppError } from "@/lib/errors";
import { exampleOf } from "@/tests/support/schema-examples";
import { type Arrived, basesOf, openWire, withAddresses } from "./actions-recorder";
import { manifests } from "./providers-chain";

/** What actions that go through Nango are made of, however hostile. */

const through: [connector: string, action: string, field: string, rest: Record<string, unknown>][] = [
  ["hubspot", "get_contact", "contactId", {}],
  ["gmail", "list_messages", "q", {}],
  ["calendly", "list_event_types", "user", {}],
  ["google-sheets", "read_cells", "range", { spreadsheetId: "1" }],
];

let wire: Awaited<ReturnType<typeof openWire>>;
beforeAll(async () => {
  wire = await openWire(manifests.filter(({ slug }) => through.some(([connector]) => connector === slug)));
});
afterAll(() => wire?.close());

/** Ways to name another host, or another place. */
const hosts = [
  ...["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0.0.0.0/", "http://0/", "http://127.1/"],
  ...[
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://[::ffff:127.0.0.1]/",
  ],
  ...["http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/", "http://[fd00:ec2::254]/"],
  ...[
    "http://evil.test/",
    "https://evil.test",
    "//evil.test/",
    "///evil.test/",
    "////evil.test/",
    "\\\\evil.test\\",
    "/\\evil.test",
  ],
  ...[
    "\\/evil.test",
    "http:evil.test",
    "http:/evil.test",
    "http:\\\\evil.test",
    "https:evil.test",
    "evil.test:80/",
    ".evil.test",
  ],
  ...[
    "@evil.test",
    "@evil.test/",
    "user:pass@evil.test",
    "#@evil.test/",
    "?@evil.test/",
    ":80@evil.test",
    "x@127.0.0.1:1/",
  ],
  ...["http://ⓔⓥⓘⓛ.test/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://evil。test/", "//evil%E3%80%82test/"],
  ...[
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_x",
    "ftp://evil.test/",
    "dict://127.0.0.1:11211/",
    "data:text/html,x",
    "javascript:alert(1)",
  ],
  ...[
    "../../evil",
    "..",
    "../",
    "..\\..\\evil",
    "..%2f..%2fevil",
    "%2e%2e/%2e%2e/evil",
    "%252e%252e%252fevil",
    "..;/evil",
    "./evil",
    "x/../../../evil",
  ],
  ...[
    "%2f%2fevil.test",
    "%5c%5cevil.test",
    "%68ttp://evil.test/",
    "x\r\nHost: evil.test",
    "x HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "x%0d%0aHost:%20evil.test",
  ],
  ...[
    "x\tevil.test",
    "x\u0000@evil.test",
    "${accessToken}",
    "${connectionConfig.x}",
    "$%7BapiKey%7D.evil.test",
    "a || https://evil.test",
  ],
  ...[
    "%c0%ae%c0%ae/evil",
    "x#/../evil",
    "x?/../evil",
    "[::]",
    "localhost:1",
    "127.0.0.1:1",
    "evil.test\u2044x",
    "\ufeffhttp://evil.test",
  ],
];

describe(`a value that names another host, in ${hosts.length} ways`, () => {
  /** Texts of an input that become part of an address. */
  const places = manifests.flatMap((manifest) =>
    Object.entries(manifest.actions).flatMap(([name, action]) =>
      // Every field of the path, and of the query's, which are all alike, the first.
      [...action.request.path, ...action.request.query.slice(0, 1)]
        .filter((field) => action.input_schema.properties[field]?.type === "string")
        .map((field) => ({
          manifest,
          name,
          action,
          field,
          input: exampleOf(action.input_schema) as Record<string, unknown>,
        })),
    ),
  );

  /** What it makes of the value; null when it refuses it. */
  const built = (action: Action, input: Record<string, unknown>) => {
    try {
      return buildRequest(action, withAddresses(action, input)).endpoint;
    } catch (error) {
      if (error instanceof AppError && error.code === "action_invalid_input") return null;
      throw error;
    }
  };

  it("stays in its place in the address, or is refused, in every action", () => {
    expect(hosts.length).toBeGreaterThanOrEqual(60);
    expect(places.length).toBeGreaterThan(150);
    for (const { manifest, name, action, field, input } of places) {
      const template = (action.endpoint.split("?")[0] ?? "").replaceAll("${", "(").replaceAll("}", ")");
      for (const value of hosts) {
        const endpoint = built(action, { ...input, [field]: value });
        if (endpoint === null) continue;
        const what = `${manifest.slug} ${name} ${field} ${JSON.stringify(value)}: ${endpoint}`;
        const url = new URL(`https://api.provider.test/base${endpoint.replaceAll("${", "(").replaceAll("}", ")")}`);
        expect(url.host, what).toBe("api.provider.test");
        expect(url.username + url.hash, what).toBe("");
        expect(url.pathname.split("/"), what).toHaveLength(template.split("/").length + 1);
        const begin = `/base${template.split("{")[0]?.split("(")[0] ?? ""}`;
        expect(url.pathname.startsWith(begin), what).toBe(true);
      }
    }
  });

  it("reaches nobody but the provider through Nango, and with no more than the one call", async () => {
    let sent = 0;
    for (const [slug, name, field, rest] of through) {
      const manifest = manifests.find((each) => each.slug === slug) as Manifest;
      const action = manifest.actions[name] as Action;
      for (const value of hosts) {
        const input = { ...rest, [field]: value };
        if (built(action, input) === null) continue;
        wire.asked.length = 0;
        const [call] = (await wire.send(manifest, action, input)) as [Arrived];
        expect(wire.asked, value).toHaveLength(1);
        expect(
          basesOf(manifest).some(
            (base) => fits(base, wire.asked[0]?.host ?? "", wire.asked[0]?.pathname ?? "", false) !== null,
          ),
          value,
        ).toBe(true);
        // The credential is in its header and nowhere else.
        expect(`${call.path}?${call.query}`, value).not.toMatch(/standin/);
        if (action.request.query.includes(field))
          expect(new URLSearchParams(call.query).get(field), value).toBe(value.toWellFormed());
        sent++;
      }
    }
    expect(sent).toBeGreaterThan(100);
  });
});
