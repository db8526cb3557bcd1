import "server-only";
import { runAction } from "@/lib/actions/run";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import type { AgentTool, ObjectSchema, ToolEffect } from "./tool";

/** The tools that follow from manifests: one for each action, named `<connector>_<action>`. */

type Action = Manifest["actions"][string];

/** Verbs of actions that take something away, whatever method their provider has for it. */
const takesAway = /^(delete|remove|trash|cancel|refund|revoke|archive)(_|$)/;

function effectOf(key: string, action: Pick<Action, "read_only" | "method">): ToolEffect {
  if (action.read_only) return "read";
  return action.method === "DELETE" || takesAway.test(key) ? "destroy" : "write";
}

/** Of every tool that works on an account. */
export const connectionIdSchema = {
  type: "string",
  format: "uuid",
  description: "Which connected account to use, by its id from list_connections. Left out: the default one.",
} as const;

function withConnection(schema: Action["input_schema"]): ObjectSchema {
  return { ...schema, properties: { ...schema.properties, connection_id: connectionIdSchema } };
}

function toolOf({ slug, name }: Manifest, key: string, action: Action): AgentTool {
  return {
    name: `${slug}_${key}`,
    title: `${name}: ${action.name}`,
    description: `${name}: ${action.description}`,
    effect: effectOf(key, action),
    connector: slug,
    actions: [key],
    scope: `actions:${action.read_only ? "read" : "run"}:${slug}`,
    inputSchema: withConnection(action.input_schema),
    run: async (tenant, { connection_id: connectionId, ...input }) => {
      const { result } = await runAction(tenant, {
        connector: slug,
        action: key,
        input,
        // What is no text names no connection, and is refused as such.
        ...(connectionId !== undefined && { connectionId: String(connectionId) }),
      });
      return result;
    },
  };
}

/** One tool for each action of each connector, in the manifests' order. */
export const manifestTools = (): AgentTool[] =>
  [...manifests.values()].flatMap((manifest) =>
    Object.entries(manifest.actions).map(([key, action]) => toolOf(manifest, key, action)),
  );
