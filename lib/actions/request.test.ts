// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "@/lib/actions/find";
import { checkInput } from "@/lib/actions/input";
import { buildRequest } from "@/lib/actions/request";
import { manifests } from "@/lib/catalogue/manifests";
import { AppError } from "@/lib/errors";
import { isSafeEndpoint, isSafeHeader } from "@/lib/nango/proxy";
import { exampleOf } from "@/tests/support/schema-examples";

const action = (connector: string, name: string): Action => manifests.get(connector)?.actions[name] as Action;
const built = (connector: string, name: string, input: Record<string, unknown>) => {
  const it = action(connector, name);
  return buildRequest(it, checkInput(it, input));
};
const refusedFor = (connector: string, name: string, input: Record<string, unknown>): unknown => {
  try {
    built(connector, name, input);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === "action_invalid_input") return error.details?.issues;
    throw error;
  }
};

describe("the request of an action", () => {
  it("is its manifest's method, path and headers, with each value where the manifest puts it: all actions", () => {
    for (const manifest of manifests.values()) {
      for (const [name, each] of Object.entries(manifest.actions)) {
        const what = `${manifest.slug} ${name}`;
        const addresses = each.request.encode === "mime" && {
          to: "ada@acme.test",
          cc: "grace@acme.test",
          bcc: "a@b.test",
        };
        const input: Record<string, unknown> = { ...(exampleOf(each.input_schema) as object), ...addresses };
        const request = buildRequest(each, input);
        expect(request.method, what).toBe(each.method);
        expect(isSafeEndpoint(request.endpoint, "manifest"), what).toBe(true);
        for (const [header, value] of Object.entries(request.headers ?? {}))
          expect(isSafeHeader(header, value), what).toBe(true);

        const [path = "", query = ""] = request.endpoint.split("?");
        const segments = (each.endpoint.split("?")[0] ?? "").split("/");
        expect(path.split("/"), what).toHaveLength(segments.length);
        for (const [at, segment] of segments.entries()) {
          const filled = segment.replace(/(?<!\$)\{([^{}]*)\}/g, (_, key: string) => String(input[key]));
          expect(decodeURIComponent(path.split("/")[at] ?? ""), what).toBe(filled);
        }
        const sent = new URLSearchParams(query);
        for (const key of each.request.query)
          expect(sent.getAll(key), `${what} ${key}`).toEqual([input[key]].flat().map(String));
        const fixed = new URLSearchParams(each.endpoint.split("?")[1] ?? "");
        for (const [key, value] of fixed) expect(sent.get(key), what).toBe(value);
        expect(new Set(sent.keys()), what).toEqual(new Set([...fixed.keys(), ...each.request.query]));

        const fields = Object.fromEntries(each.request.body.map((key) => [key, input[key]]));
        const whole = { ...fields, ...each.request.constants };
        if (each.request.encode === "json")
          expect(request.body, what).toEqual(Object.keys(whole).length > 0 ? whole : undefined);
        else if (each.request.encode === "form") {
          const strings = Object.fromEntries(Object.entries(whole).map(([key, value]) => [key, String(value)]));
          expect(Object.fromEntries(new URLSearchParams(String(request.body))), what).toEqual(strings);
          expect(request.headers, what).toMatchObject({ "Content-Type": "application/x-www-form-urlencoded" });
        } else if (each.request.encode === "graphql")
          expect(request.body, what).toEqual({ query: each.request.graphql, variables: whole });
        else expect(Object.keys(request.body as object), what).toEqual(["raw"]);
      }
    }
  });

  it("leaves out what was not given", () => {
    expect(built("gmail", "list_messages", {})).toEqual({ method: "GET", endpoint: "/gmail/v1/users/me/messages" });
    expect(built("slack", "send_message", { channel: "C1", text: "Hello" }).body).toEqual({
      channel: "C1",
      text: "Hello",
    });
    // A body that may be empty is sent as an empty one; an action without a body sends none.
    expect(built("cal-com", "cancel_booking", { bookingUid: "b" }).body).toEqual({});
    expect(built("gmail", "trash_message", { id: "m" }).body).toBeUndefined();
  });

  it("encodes whatever a value holds into its own place", () => {
    expect(built("google-cloud-storage", "get_object", { bucket: "b", object: "folder/a ü?#%.txt" }).endpoint).toBe(
      "/storage/v1/b/b/o/folder%2Fa%20%C3%BC%3F%23%25.txt",
    );
    expect(
      built("gmail", "list_messages", { q: "a&b=c d#e+f", labelIds: ["INBOX", "A&B"], maxResults: 5 }).endpoint,
    ).toBe("/gmail/v1/users/me/messages?q=a%26b%3Dc%20d%23e%2Bf&labelIds=INBOX&labelIds=A%26B&maxResults=5");
    expect(built("google-drive", "search_files", { q: "name = 'O\\'Brien'" }).endpoint).toMatch(
      /^\/drive\/v3\/files\?q=name%20/,
    );
    expect(built("youtube", "search_videos", { q: "x" }).endpoint).toBe(
      "/youtube/v3/search?part=snippet&type=video&q=x",
    );
    expect(built("jira", "add_comment", { issueIdOrKey: "AB-1", body: "${accessToken}" })).toMatchObject({
      endpoint: "/ex/jira/${connectionConfig.cloudId}/rest/api/2/issue/AB-1/comment",
      // Nango fills nothing in a body.
      body: { body: "${accessToken}" },
    });
    expect(built("twilio", "send_message", { To: "+49 151", Body: "a&To=+1&b=c" }).body).toBe(
      "To=%2B49+151&Body=a%26To%3D%2B1%26b%3Dc",
    );
  });

  it("refuses what would be another address, or is filled with a credential, naming the field", () => {
    const values = [
      ...[
        "",
        " ",
        ".",
        "..",
        "../x",
        "a/../../b",
        "..\\x",
        "%2e%2e",
        "%252e%252e",
        "a/%2e%2e/b",
        "x?/../../y",
        "x#/../y",
      ],
      ...[
        "${accessToken}",
        "$%7BaccessToken%7D",
        "%24%7BaccessToken%7D",
        "${connectionConfig.x}",
        "a || b",
        "a%7c%7cb",
      ],
      ...[
        "https://evil.test",
        "//evil.test",
        "http:\\\\evil.test",
        "\\\\evil.test",
        "%c0%ae%c0%ae",
        "\ud800",
        "x".repeat(5000),
      ],
    ];
    for (const value of values) {
      expect(refusedFor("hubspot", "get_contact", { contactId: value }), JSON.stringify(value)).toEqual([
        { path: "contactId", message: "This cannot be part of an address." },
      ]);
    }
    for (const value of ["${accessToken}", "%24%7BapiKey%7D", "a || b"])
      expect(refusedFor("gmail", "list_messages", { q: value }), value).toEqual([
        { path: "q", message: "This cannot be part of an address." },
      ]);
    // Each is safe alone; with the manifest's own slash it is not.
    const repository = { owner: "a:/", repo: "b" };
    expect(refusedFor("github", "list_pull_requests", repository)).toEqual([{ path: "", message: expect.any(String) }]);
    // In a query it is a text like any other.
    for (const value of ["../..", "https://calendly.test/users/A", "a\\b", "a\nb", "//x"])
      expect(refusedFor("gmail", "list_messages", { q: value }), value).toBeNull();
  });

  it("is safe or refused, whatever the input", () => {
    const all = [...manifests.values()].flatMap(({ actions }) => Object.values(actions));
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc
        .array(
          fc.constantFrom(
            ...["%", "2", "e", "f", ".", "/", "\\", "$", "{", "}", "|", "?", "#", ":", "\n", "\ud800", "a"],
          ),
        )
        .map((parts) => parts.join("")),
    );
    const value = fc.oneof(
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(text, { maxLength: 3 }),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.infiniteStream(value), fc.boolean(), (each, values, sensible) => {
        const names = [...Object.keys(each.input_schema.properties), "__proto__", "x"];
        const chosen = Object.fromEntries(
          names.slice(0, sensible ? -2 : undefined).map((name) => [name, values.next().value]),
        );
        const example = sensible ? (exampleOf(each.input_schema) as object) : {};
        const [mixed] = Object.entries(chosen);
        const input = sensible ? { ...example, ...(mixed && { [mixed[0]]: mixed[1] }) } : chosen;
        try {
          const { endpoint, method } = buildRequest(each, checkInput(each, input));
          expect(method).toBe(each.method);
          expect(isSafeEndpoint(endpoint.replace(/\$\{[\w.]+\}/g, "x"), "caller")).toBe(true);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.code).toBe("action_invalid_input");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("cannot be told another method, path, header or constant by its input", () => {
    const extra = { method: "DELETE", endpoint: "/x", headers: { a: "b" }, messaging_product: "x", type: "image" };
    for (const [key, value] of Object.entries(extra)) {
      const input = { phone_number_id: "1", to: "+491", text: { body: "x" }, [key]: value };
      expect(refusedFor("whatsapp-business", "send_text", input), key).toEqual([
        { path: key, message: "There is no such field." },
      ]);
    }
  });

  it("keeps owner_id and connection_id free: the one is ours only as a text, the other always", () => {
    for (const manifest of manifests.values())
      for (const [name, each] of Object.entries(manifest.actions)) {
        const { connection_id, owner_id } = each.input_schema.properties;
        expect(connection_id, `${manifest.slug} ${name}`).toBeUndefined();
        expect(owner_id?.type ?? "integer", `${manifest.slug} ${name}`).toBe("integer");
      }
  });
});
