import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isScope } from "@/lib/auth/scopes";
import { manifests } from "@/lib/catalogue/manifests";
import { namedTools } from "./named-tools";
import { allTools } from "./tool-list";

const tools = [...allTools().values()];
const parserOf = (schema: object) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

describe("the tools", () => {
  it("are one for each action of each manifest, ten by name, and three of Patchbay's own", () => {
    const actions = [...manifests.values()].flatMap(({ slug, actions }) =>
      Object.keys(actions).map((key) => `${slug}_${key}`),
    );
    const named = namedTools().map(({ name }) => name);
    expect(named.sort()).toEqual([
      ...["createCalendarEvent", "createGitHubIssue", "createHubSpotContact", "createLinearIssue"],
      ...["searchEmails", "searchHubSpotContacts", "searchNotion", "sendEmail", "sendSlackMessage", "sendSms"],
    ]);
    const own = ["connect_account", "list_connections", "list_connectors"];
    expect(tools.map(({ name }) => name).sort()).toEqual([...own, ...named, ...actions].sort());
  });

  it("have names that models take", () => {
    for (const { name } of tools) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it("need a scope of their own connector, the wider one where something changes", () => {
    for (const { name, scope, connector, effect } of tools) {
      expect(isScope(scope), name).toBe(true);
      if (connector !== null) expect(scope, name).toBe(`actions:${effect === "read" ? "read" : "run"}:${connector}`);
    }
  });

  it("refuse what they do not know", () => {
    for (const { name, inputSchema } of tools) {
      expect(inputSchema.type, name).toBe("object");
      expect(inputSchema.additionalProperties, name).toBe(false);
      const { success } = parserOf(inputSchema).safeParse({ surprise: 1 });
      expect(success, name).toBe(false);
    }
  });

  it("take a connection where they work on one", () => {
    for (const { name, inputSchema, connector } of tools)
      expect("connection_id" in inputSchema.properties, name).toBe(connector !== null);
  });

  it("by name ask for fields that their action takes", () => {
    for (const { name, inputSchema, connector } of namedTools()) {
      expect(manifests.has(connector ?? ""), name).toBe(true);
      for (const [field, schema] of Object.entries(inputSchema.properties))
        expect((schema as { description?: string }).description, `${name}.${field}`).toBeTruthy();
    }
  });
});
