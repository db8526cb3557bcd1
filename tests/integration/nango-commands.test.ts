import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "@/scripts/product/paths";
import type { SignedIn } from "@/tests/support/people";
import { openUnifiedWorld, type UnifiedWorld } from "./unified-world";

let world: UnifiedWorld;
let ada: SignedIn;
const apiKey = "providerkeycanary";

beforeAll(async () => {
  world = await openUnifiedWorld();
  ada = await world.server.signIn("ada@acme.test", "acme");
});
afterAll(() => world?.close());

type Ran = { code: number | null; output: string; errors: string };

/** As in a fresh shell: what the npm around these tests was told is not for the one in them. */
const shell = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

/** Runs a command to its end, as people write it. Whatever it or npm says, neither shows a key. */
async function run(script: string, flags: string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn("npm", ["run", script, "--", ...flags], {
    cwd: root,
    env: { ...shell(), NODE_OPTIONS: "", ...env } as unknown as NodeJS.ProcessEnv,
  });
  const said = { output: "", errors: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.errors += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect(said.output + said.errors).not.toContain(world.server.nango.apiKey);
  expect(said.output + said.errors).not.toContain(apiKey);
  return { code, ...said };
}

const server = () => [`--base=${world.server.nango.host}`, `--key=${world.server.nango.apiKey}`];
const imported = (id: string, integration = "whatsapp-business") => [
  `--providerConfigKey=${integration}`,
  `--connectionId=${id}`,
  `--apiKey=${apiKey}`,
];
/** None of Nango's settings, as on a machine that is only told by flags. */
const nowhere = { NANGO_HOST: "http://127.0.0.1:9", NANGO_SECRET_KEY: "", NANGO_WEBHOOK_SIGNING_KEY: "" };

async function atNango(id: string): Promise<{ tags: Record<string, string> } | undefined> {
  const answer = await fetch(`${world.server.nango.host}/connections?connectionId=${id}`, {
    headers: { authorization: `Bearer ${world.server.nango.apiKey}` },
  });
  return ((await answer.json()) as { connections: { tags: Record<string, string> }[] }).connections[0];
}

describe("npm run nango:import", () => {
  it("gives Nango a connection, by flags alone, and says so for people and for programs", async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const [{ code, output, errors }, json] = await Promise.all([
      run("nango:import", [...imported(one), ...server()], nowhere),
      // The provider's key in the environment, where nobody sees it.
      run("nango:import", [...imported(two).slice(0, 2), ...server(), "--json"], {
        ...nowhere,
        NANGO_IMPORT_API_KEY: apiKey,
      }),
    ]);
    expect([code, errors]).toEqual([0, ""]);
    expect(output).toBe(`imported ${one} (whatsapp-business, whatsapp-business) at ${world.server.nango.host}\n`);
    expect(await atNango(one)).toBeDefined();
    expect(JSON.parse(json.output)).toEqual({
      connection_id: two,
      provider_config_key: "whatsapp-business",
      provider: "whatsapp-business",
      registered_as: null,
    });
  });

  it("registers it here for its owner, once, by whoever has administered the organisation longest", async () => {
    const id = randomUUID();
    const flags = [...imported(id), ...server(), `--owner=${ada.ownerId}`, "--connector=whatsapp-business", "--json"];
    const first = await run("nango:import", flags);
    expect(first.code, first.errors).toBe(0);
    const { registered_as } = JSON.parse(first.output);
    const [row] = await world.server.sql`select * from connections where id = ${registered_as}`;
    expect(row).toMatchObject({
      owner_id: ada.ownerId,
      connected_by: ada.userId,
      connector: "whatsapp-business",
      nango_connection_id: id,
      status: "connected",
    });
    expect((await atNango(id))?.tags).toMatchObject({ organization_id: ada.orgId, connector: "whatsapp-business" });
    expect(JSON.parse((await run("nango:import", flags)).output).registered_as).toBe(registered_as);
    const data = { connectionId: id, phoneNumberId: "106540352242922", to: "+4915112345678", type: "text", body: "Hi" };
    const sent = await world.done({ as: ada }, "whatsapp.message", "create", { data });
    expect(sent.connectionId).toBe(registered_as);
  });

  it("takes user name, password and what else a provider asks for", async () => {
    const id = randomUUID();
    const flags = [...imported(id, "bamboohr"), ...server(), `--owner=${ada.ownerId}`, "--connector=bamboohr"];
    const config = '--connectionConfig={"subdomain":"acme"}';
    const { code, errors } = await run("nango:import", [...flags, config]);
    expect([code, errors]).toEqual([0, ""]);
    const { items } = await world.done({ as: ada }, "hr.employee", "list", { params: { connectionId: id } });
    expect(items.map(({ firstName }: { firstName: string }) => firstName)).toEqual(["Ada", "Grace"]);
  });

  it("ends with 1 where it did not work, and says why", async () => {
    const id = randomUUID();
    const base = `--base=${world.server.nango.host}`;
    const cases: [string[], RegExp][] = [
      [
        [...imported(id), ...server(), "--owner=org_nobody", "--connector=whatsapp-business"],
        /^it is at Nango now, but not registered here: --owner is no person or organisation with an administrator\n$/,
      ],
      [[...imported(randomUUID(), "no-such-key"), ...server()], /^refused with 404: not_found\n$/],
      [[...imported(randomUUID()), base, `--key=${randomUUID()}`], /^refused with 401: unknown_account\n$/],
      [[...imported(randomUUID()), "--base=http://127.0.0.1:9", "--key=x"], /^http:\/\/127\.0\.0\.1:9 did not answer/],
    ];
    const ran = await Promise.all(cases.map(([flags]) => run("nango:import", flags)));
    for (const [n, [, expected]] of cases.entries()) {
      expect(ran[n]).toMatchObject({ code: 1, output: expect.any(String), errors: expect.stringMatching(expected) });
    }
  });

  it("ends with 2 for wrong flags, before anything is sent", async () => {
    const id = randomUUID();
    const all = [...imported(id), ...server()];
    const cases: [string[], RegExp][] = [
      [all.slice(1), /^--providerConfigKey is missing\. See npm run nango:import -- --help\n$/],
      [imported("../connections").concat(server()), /^--connectionId does not look right/],
      [[...all, "--owner=org_x"], /^--owner and --connector go together/],
      [[...all, "--owner=org_x", "--connector=no-such"], /^--connector names none/],
      [[...all, "--colour=red"], /^there is a flag that this command does not have/],
      [["--apiKey=", apiKey, ...all.slice(0, 2)], /^every flag is written --name=value/],
      [[`--apiKey${apiKey}`, ...all.slice(0, 2)], /^there is a flag that this command does not have/],
      [[...imported(id), "--base=ftp://x", "--key=x"], /^the base is no plain http/],
      [[...imported(id), `--base=http://u:${apiKey}@127.0.0.1:9`, "--key=x"], /^the base is no plain http/],
      [[...imported(id), `--base=http://127.0.0.1:9/?key=${apiKey}`, "--key=x"], /^the base is no plain http/],
    ];
    // Without a key in the flags or in the settings, too.
    const ran = await Promise.all([
      ...cases.map(([flags]) => run("nango:import", flags)),
      run("nango:import", imported(id), nowhere),
    ]);
    expect(ran.map(({ code, output }) => [code, output])).toEqual(ran.map(() => [2, ""]));
    for (const [n, [, expected]] of cases.entries()) expect(ran[n]?.errors).toMatch(expected);
    expect(await atNango(id)).toBeUndefined();
  });
});

describe("the key of the settings", () => {
  it("is sent to their host alone: another one needs its own, by flag or variable", async () => {
    const reached: string[] = [];
    const stranger = createServer((request, response) => {
      reached.push(String(request.headers.authorization));
      response.end(JSON.stringify({ connections: [] }));
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const elsewhere = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const number = ["--providerConfigKey=whatsapp-business", `--connectionId=${randomUUID()}`, "--phoneNumberId=1"];
    try {
      const refused = await Promise.all([
        run("nango:connections", [`--base=${elsewhere}`]),
        run("nango:import", [...imported(randomUUID()), `--base=${elsewhere}`]),
        run("whatsapp:test", [...number, "--to=4915112345678", "--body=x", `--nangoBase=${elsewhere}`]),
      ]);
      for (const { code, errors } of refused) {
        expect(code).toBe(2);
        expect(errors).toMatch(/^the base is not the host of your settings, whose key is not sent there/);
      }
      expect(reached).toEqual([]);
      const [known, named] = await Promise.all([
        run("nango:connections", [`--base=${process.env.NANGO_HOST}/`, "--json"]),
        run("nango:connections", [`--base=${elsewhere}`, "--json"], { NANGO_SERVER_KEY: "keyofthestranger" }),
      ]);
      expect([known.code, named.code], known.errors + named.errors).toEqual([0, 0]);
      expect(reached).toEqual(["Bearer keyofthestranger"]);
    } finally {
      stranger.close();
    }
  });
});

describe("npm run nango:connections", () => {
  it("lists what a Nango environment has, as a table and as JSON, whichever names the settings have", async () => {
    const { id, nangoId } = await world.connect(ada, "hubspot");
    expect(id).toBeTruthy();
    const { code, output } = await run("nango:connections", server(), nowhere);
    expect(code).toBe(0);
    const [headings, , ...lines] = output.split("\n");
    expect(headings).toMatch(/^connection +integration +provider +created +owner +state$/);
    expect(lines.find((line) => line.startsWith(nangoId))).toMatch(
      new RegExp(`^${nangoId} +hubspot +hubspot +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +${ada.orgId} +ok$`),
    );
    const byOtherNames = {
      ...{ NANGO_HOST: "", NANGO_SECRET_KEY: "", NANGO_ENV: "dev" },
      ...{ NANGO_API_BASE_DEV: world.server.nango.host, NANGO_SECRET_KEY_DEV: world.server.nango.apiKey },
    };
    const json = await run("nango:connections", ["--json"], byOtherNames);
    expect(JSON.parse(json.output)).toContainEqual(
      expect.objectContaining({
        connection_id: nangoId,
        provider_config_key: "hubspot",
        owner: ada.orgId,
        works: true,
      }),
    );
  });
});

describe("npm run whatsapp:test", () => {
  it("sends a text through a connection at Nango", async () => {
    const { nangoId } = await world.connect(ada, "whatsapp-business");
    const flags = [
      ...[`--nangoBase=${world.server.nango.host}`, `--nangoKey=${world.server.nango.apiKey}`],
      ...["--providerConfigKey=whatsapp-business", `--connectionId=${nangoId}`],
      ...["--phoneNumberId=106540352242922", "--to=+4915112345678", "--body=Does it work?"],
    ];
    const { code, output, errors } = await run("whatsapp:test", flags, nowhere);
    expect([code, errors]).toEqual([0, ""]);
    expect(output).toMatch(/^accepted as wamid\.\w+, to 4915112345678\n$/);
    expect(await world.records("whatsapp", "messages")).toContainEqual(
      expect.objectContaining({ text: { body: "Does it work?" }, from: "106540352242922" }),
    );
    expect(await world.reached("host=graph.facebook.com&path=/v20.0/106540352242922/messages")).not.toEqual([]);
    const unknown = flags.map((flag) => (flag.startsWith("--connectionId") ? `--connectionId=${randomUUID()}` : flag));
    const [refused, incomplete] = await Promise.all([
      run("whatsapp:test", unknown, nowhere),
      run("whatsapp:test", flags.slice(0, -1), nowhere),
    ]);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringMatching(/^refused with 400/) });
    expect(incomplete).toMatchObject({ code: 2, errors: expect.stringMatching(/^--body is missing/) });
  });
});

describe("each command", () => {
  it.each([
    [
      "nango:import",
      ["--providerConfigKey=", "--connectionId=", "--apiKey=", "--base=", "--key=", "--owner=", "--connector="],
    ],
    ["nango:connections", ["--base=", "--key="]],
    [
      "whatsapp:test",
      [
        "--nangoBase=",
        "--nangoKey=",
        "--providerConfigKey=",
        "--connectionId=",
        "--phoneNumberId=",
        "--to=",
        "--body=",
      ],
    ],
  ])("%s explains its flags", async (script, flags) => {
    const { code, output, errors } = await run(script, ["--help"], nowhere);
    expect([code, errors]).toEqual([0, ""]);
    // Every key may come by a variable as well, which no history and no list of processes shows.
    const keys = output.split("\n").filter((line) => line.includes("=<key>"));
    expect(keys.map((line) => /; or in [A-Z_]+/.test(line))).toEqual(keys.map(() => true));
    for (const flag of [...flags, "--json", "--help"]) expect(output).toContain(`  ${flag}`);
  });
});
