import "server-only";
import { refuseInput } from "@/lib/actions/input";
import { runAction } from "@/lib/actions/run";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import type { AgentTool, ObjectSchema, ToolEffect } from "./tool";

/** The tools that follow from manifests: one for each action, named `<connector>_<action>`. */

type Action = Manifest["actions"][string];

/** What an action does, as its manifest says it. */
export function effectOf({ read_only, destructive }: Pick<Action, "read_only" | "destructive">): ToolEffect {
  if (read_only) return "read";
  return destructive ? "destroy" : "write";
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
    effect: effectOf(action),
    connector: slug,
    actions: [key],
    scope: `actions:${action.read_only ? "read" : "run"}:${slug}`,
    inputSchema: withConnection(action.input_schema),
    run: async (tenant, { connection_id: connectionId, ...input }) => {
      if (connectionId !== undefined && typeof connectionId !== "string")
        refuseInput([{ path: "connection_id", message: "is not a text" }]);
      const { result } = await runAction(tenant, { connector: slug, action: key, input, connectionId });
      return result;
    },
  };
}

/** One tool for each action of each connector, in the manifests' order. */
export const manifestTools = (): AgentTool[] =>
  [...manifests.values()].flatMap((manifest) =>
    Object.entries(manifest.actions).map(([key, action]) => toolOf(manifest, key, action)),
  );
