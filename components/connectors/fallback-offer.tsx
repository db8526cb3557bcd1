"use client";

import { useTranslations } from "next-intl";
import { brand } from "@/brand";
import { useConnect } from "./connect-provider";
import { preloadQuestions } from "./questions-slot";

/** Offers the way without Nango after a try that found Nango away; taken in the click itself, never by itself. */
export function FallbackOffer({ name }: { name: string }) {
  const t = useTranslations("connect.fallback");
  const { flow, state } = useConnect();
  const asks = state.phase !== "idle" && flow?.questions.comeFirst(state.slug, true);
  const preload = asks ? preloadQuestions : undefined;
  return (
    <div className="relative z-10 grid justify-items-start gap-2 rounded-[10px] border border-line bg-hover px-3 py-2.5">
      <p className="text-sm">
        {t("question", { name })} <span className="text-ink-2">{t("kept", { brand: brand.name })}</span>
      </p>
      <button
        type="button"
        className="btn"
        data-fallback
        aria-haspopup={asks ? "dialog" : undefined}
        onPointerEnter={preload}
        onFocus={preload}
        onClick={() => flow?.startDirectly()}
      >
        {t("take")}
      </button>
    </div>
  );
}
