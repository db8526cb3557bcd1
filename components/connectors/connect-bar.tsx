"use client";

import { ExternalLink } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useLayoutEffect, useRef } from "react";
import { Spinner } from "@/components/ui/spinner";
import type { ConnectFlow } from "./connect-flow";
import type { BusyState } from "./connect-state";

/**
 * Where the try stands, at the foot of the page under Nango's frame, which leaves room for it. Holds what a person needs
 * when the frame or its popup does not work: a plain link, and a way out.
 */
export function ConnectBar({ flow, state }: { flow: ConnectFlow; state: BusyState }) {
  const t = useTranslations("connect");
  const again = useTranslations("reconnect");
  const { trouble, frame, name } = state;
  const loud = trouble !== null && !frame;

  // Nango's frame ends where the bar begins, also when the bar is two lines high.
  const bar = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const root = document.documentElement;
    const observer = new ResizeObserver(() => {
      root.style.setProperty("--connect-bar", `${bar.current?.offsetHeight ?? 0}px`);
    });
    if (bar.current) observer.observe(bar.current);
    return () => {
      observer.disconnect();
      root.style.removeProperty("--connect-bar");
    };
  }, []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") flow.cancel();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [flow]);

  return (
    <section
      ref={bar}
      aria-label={state.again ? again("bar", { name, ...state.again }) : t("bar", { name })}
      data-connect-phase={state.phase}
      className="fixed inset-x-0 bottom-0 z-[10000] border-t border-line bg-raised text-ink"
    >
      <div className="mx-auto flex min-h-14 max-w-5xl flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
        <p className="flex min-w-0 flex-1 basis-56 items-center gap-2.5 text-sm">
          <Spinner />
          <span className="min-w-0">
            <span className="font-medium">{t(`phase.${state.phase}`, { name })}</span>
            {loud ? <span className="block text-ink-2">{t(`trouble.${trouble}`)}</span> : null}
          </span>
        </p>
        <div className="flex items-center gap-2 max-sm:w-full max-sm:justify-end">
          {state.link && state.phase !== "finishing" ? (
            <a
              href={state.link}
              target="_blank"
              rel="noopener"
              className={loud ? "btn btn-solid" : "btn btn-ghost"}
              onClick={() => flow.continueInTab()}
            >
              {t("openInTab")}
              <ExternalLink size={14} aria-hidden="true" />
            </a>
          ) : null}
          <button type="button" className="btn" onClick={() => flow.cancel()}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </section>
  );
}
