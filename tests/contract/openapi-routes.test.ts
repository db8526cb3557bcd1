import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { describeApi } from "@/lib/api/openapi";
import { schemasOf } from "@/lib/api/openapi-schemas";
import { operation } from "@/lib/api/operation";
import { operations } from "@/lib/api/operations/all";
import { listNotices } from "@/lib/api/operations/notices";
import { scopeForm } from "@/lib/auth/scopes";
import { notAllowed } from "@/lib/http";
import { clientTypes, committedClientTypes } from "@/scripts/api-client";
import { checkerOf, type Description, resolve } from "@/tests/support/api-description";
import { servedFiles } from "@/tests/support/api-server";

/** The description against the folder app/api, without a server. */

/** Served and not described: the description itself. */
const undescribed = ["GET /api/v1/openapi.json"];
const described = ["/api/v1/", "/api/integrations/"];
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const description = describeApi() as unknown as Description;

const refsOf = (value: unknown): string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => (key === "$ref" ? [String(inner)] : refsOf(inner)));

describe("the description of the API", () => {
  it("has every route that is served, and no other", async () => {
    const served = await Promise.all(
      servedFiles()
        .filter(({ path }) => described.some((start) => path.startsWith(start)))
        .map(async ({ path, load }) => {
          const module = await load();
          return methods.filter((method) => module[method] && module[method] !== notAllowed).map((m) => `${m} ${path}`);
        }),
    );
    const known = operations.map(({ method, path }) => `${method} ${path}`);
    expect(served.flat().sort()).toEqual([...known, ...undescribed].sort());
  });

  it("is valid by the meta-schema of OpenAPI 3.1, which finds mistakes in it", async () => {
    const problems = async (document: object) => {
      const { valid, errors } = await new Validator().validate(document as Record<string, unknown>);
      return valid ? [] : errors;
    };
    expect(await problems(describeApi())).toEqual([]);
    const { info, ...rest } = describeApi();
    expect(await problems({ ...rest, info: { title: info.title } })).not.toEqual([]);
    expect(await problems({ ...rest, info, paths: { "/x": { get: { parameters: [{ in: "path" }] } } } })).not.toEqual(
      [],
    );
  });

  it("names scopes that keys can have, and says what limits and repetitions add to an answer", () => {
    const scopes = operations.map(({ id, method, path }) => {
      const { security } = description.paths[path]?.[method.toLowerCase()] ?? expect.fail(id);
      return [id, security.flatMap(({ apiKey = [] }) => apiKey)] as const;
    });
    for (const [id, named] of scopes)
      for (const scope of named) expect(scope.replace(/\{(slug|connector)\}/, "github"), id).toMatch(scopeForm);
    const of = Object.fromEntries(scopes);
    expect(of.callUnified).toEqual(["actions:read:{connector}", "actions:run:{connector}"]);
    expect(of.runAction).toEqual(["actions:read:{slug}", "actions:run:{slug}"]);
    const { headers } = checkerOf(description);
    for (const { id, method, path, idempotent } of operations) {
      expect(headers(method, path, 429), id).toEqual(
        expect.arrayContaining(["x-request-id", "retry-after", "ratelimit", "ratelimit-policy"]),
      );
      expect(headers(method, path, 400).includes("idempotent-replayed"), id).toBe(idempotent !== undefined);
    }
  });

  it("has a name of its own for every call, and each parameter of its address", () => {
    const ids = operations.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { method, path } of operations) {
      const call = description.paths[path]?.[method.toLowerCase()];
      const inPath = (call?.parameters ?? []).filter((each) => each.in === "path").map(({ name }) => name);
      expect(inPath.sort(), path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
    }
  });

  it("points to nothing that is missing", () => {
    const refs = refsOf(description);
    expect(refs.length).toBeGreaterThan(100);
    for (const ref of new Set(refs)) expect(resolve(description, ref), ref).toBeTypeOf("object");
  });

  it("takes no field that it does not name", () => {
    const branches = (schema: Record<string, unknown>): Record<string, unknown>[] => {
      const inner = (schema.anyOf ?? schema.oneOf) as Record<string, unknown>[] | undefined;
      return inner ? inner.flatMap(branches) : [schema];
    };
    for (const declared of operations) {
      const schemas = schemasOf([declared]);
      for (const part of ["body", "query"] as const) {
        const json = schemas.of(declared, part);
        // The input of an action is the connector's to describe, and is held against its schema there.
        const open = declared.id === "runAction" && part === "body";
        for (const branch of json ? branches(json) : [])
          expect(branch.additionalProperties === false, `${part} of ${declared.id}`).toBe(!open);
      }
    }
  });

  it("pages every list, and lets every POST be repeated safely", () => {
    for (const { id, method, answer, query, idempotent } of operations) {
      const fields = Object.keys((answer as unknown as { shape?: object }).shape ?? {});
      const asks = Object.keys((query as unknown as { shape?: object } | undefined)?.shape ?? {});
      if (fields.includes("next_cursor")) expect(asks, id).toEqual(expect.arrayContaining(["limit", "cursor"]));
      expect(idempotent !== undefined, id).toBe(method === "POST");
    }
  });

  it("has no answer of a POST kept that holds an address or a key of ours", () => {
    for (const declared of operations.filter(({ method }) => method === "POST")) {
      const answer = JSON.stringify(schemasOf([declared]).of(declared, "answer"));
      if (/"(sessionToken|authorization_url|url|key)":/.test(answer))
        expect(declared.idempotent, declared.id).toBe("once");
    }
  });

  it("refuses a schema that cannot be described, and one that takes another's name", () => {
    const json = { ...listNotices, id: "other" };
    expect(() => schemasOf([listNotices, json])).not.toThrow();
    const recursive = operation({ ...listNotices, answer: listNotices.answer.extend({}).meta({ id: "Notice" }) });
    expect(() => schemasOf([listNotices, recursive])).toThrow(/Notice|Duplicate/);
  });

  it("is what the committed client was generated from", async () => {
    expect((await committedClientTypes()) === (await clientTypes()), "npm run api:client").toBe(true);
  });
});
