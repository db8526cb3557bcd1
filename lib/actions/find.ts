import "server-only";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { AppError } from "@/lib/errors";

export type Action = Manifest["actions"][string];

/** The actions of a connector, by name. @throws AppError unknown_connector */
export function actionsOf(connector: string): Manifest["actions"] {
  const manifest = manifests.get(connector);
  if (!manifest) throw new AppError("unknown_connector");
  return manifest.actions;
}

/** @throws AppError unknown_connector, action_unknown */
export function findAction(connector: string, name: string): Action {
  const actions = actionsOf(connector);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw new AppError("action_unknown");
  return action;
}
