import { once } from "node:events";
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { AppError } from "@/lib/errors";
import { readJson } from "./body";

const read = (body: string) =>
  readJson(new Request("http://localhost/", { method: "POST", headers: { "content-type": "application/json" }, body }));
const refusal = async (body: string) => {
  const { code, details } = await read(body).then(
    () => expect.fail("was taken"),
    (error: AppError) => error,
  );
  return [code, JSON.stringify(details)];
};
const lists = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const objects = (levels: number) => `${'{"x":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("a JSON body", () => {
  it("has 64 levels at most, however it is nested, and says so", async () => {
    for (const nested of [lists, objects]) {
      expect(JSON.stringify(await read(nested(64)))).toBe(nested(64));
      for (const levels of [65, 20_000])
        expect(await refusal(nested(levels))).toEqual(["invalid_request", expect.stringContaining("64 levels")]);
    }
  });

  it("that is as long as a body may be is looked at without a call for each level or value", async () => {
    expect((await refusal(lists(500_000)))[0]).toBe("invalid_request");
    const wide = `[${"0,".repeat(500_000)}0]`;
    expect(((await read(wide)) as unknown[]).length).toBe(500_001);
    expect((await refusal(`[${"[],".repeat(300_000)}"\\u0000"]`))[0]).toBe("invalid_request");
  });

  it("has no U+0000 in any text or name, wherever it stands", async () => {
    for (const body of [
      '"\\u0000"',
      '{"a":"b\\u0000"}',
      '{"\\u0000":1}',
      '{"a":[{"b":{"c\\u0000d":null}}]}',
      '[["x",["\\u0000"]]]',
      '{"__proto__":{"\\u0000":1}}',
    ])
      expect(await refusal(body), body).toEqual(["invalid_request", expect.stringContaining("U+0000")]);
    expect(await read('{"a":"\\\\u0000"}')).toEqual({ a: "\\u0000" });
    expect((await refusal('"\u0000"'))[0]).toBe("invalid_json");
  });
});

it("of whoever hangs up midway is refused like any that is not right: it is no fault of ours", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = { "content-type": "application/json", "content-length": 1_000 };
  const client = send({ port, host: "127.0.0.1", method: "POST", headers });
  client.on("error", () => {});
  client.write('{"half":');
  const [incoming] = (await once(server, "request")) as [IncomingMessage];
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  const options = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
  const reading = readJson(new Request("http://localhost/", options));
  client.destroy();
  await expect(reading).rejects.toMatchObject({ code: "invalid_request", status: 400 });
  server.close();
});
