"use client";

import { useTranslations } from "next-intl";
import { Spinner } from "@/components/ui/spinner";
import type { OAuthMethod, Visibility } from "@/lib/api/views";
import { useConnect } from "./connect-provider";
import { isBusy } from "./connect-state";
import { preloadQuestions } from "./questions-slot";

type Props = {
  slug: string;
  name: string;
  visibility?: Visibility;
  /** How it connects; through Nango if left out. */
  method?: OAuthMethod;
  /** What it says when nothing is under way; "Connect" by default. */
  label?: string;
  look?: "outline" | "solid";
};

/**
 * Opens Nango's frame, or a window at the provider, in the click itself, and shows how the try stands. Where something is
 * asked first, that opens instead.
 */
export function ConnectButton({ slug, name, visibility = "everyone", method, label, look = "outline" }: Props) {
  const t = useTranslations("connect");
  const { flow, state } = useConnect();
  const mine = state.phase !== "idle" && state.slug === slug && !state.again;
  const busy = mine && isBusy(state);
  const blocked = isBusy(state);
  const asksFirst = flow?.questions.comeFirst(slug) ?? false;
  const preload = () => {
    if (asksFirst) preloadQuestions();
    else if (method !== "direct") flow?.preload().catch(() => {});
  };

  const words = busy
    ? t(`button.${state.phase}`)
    : mine && state.phase === "failed"
      ? t("button.again")
      : (label ?? t("button.connect"));
  return (
    <button
      type="button"
      data-connect={slug}
      className={look === "solid" ? "btn btn-solid" : "btn"}
      aria-disabled={blocked || undefined}
      aria-haspopup={asksFirst ? "dialog" : undefined}
      // The name of the connector tells one of many equal buttons from the others.
      aria-label={`${words} ${label ? "" : name}`.trim()}
      onPointerEnter={preload}
      onFocus={preload}
      onClick={() => flow?.start({ slug, name, method }, visibility)}
    >
      {busy ? <Spinner /> : null}
      {words}
    </button>
  );
}
