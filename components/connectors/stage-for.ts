"use client";

import type Nango from "@nangohq/frontend";
import type { OAuthMethod } from "@/lib/api/views";
import type { ConnectFlowOptions, ConnectTarget } from "./connect-state";
import { FrameStage } from "./frame-stage";
import type { LoadedOnce } from "./loaded-once";
import type { SignInStage, StageEvents } from "./sign-in-stage";
import { WindowStage } from "./window-stage";

/** Where the sign-in of one try takes place; without Nango always in a window at the provider. */
export function stageFor(
  method: OAuthMethod,
  target: ConnectTarget,
  options: ConnectFlowOptions,
  nango: LoadedOnce<typeof Nango>,
  events: StageEvents,
): SignInStage {
  return method === "nango" && options.nango
    ? new FrameStage(options.nango, nango, options, target, events)
    : new WindowStage(options.windowText(target), events);
}
