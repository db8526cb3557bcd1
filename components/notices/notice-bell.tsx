"use client";

import { Bell, RefreshCw, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentType, useId, useRef, useState } from "react";
import type { ConnectorEntry } from "./connector-entry";
import type { NoticeContext } from "./notice-row";
import { NoticeSkeleton } from "./notice-skeleton";
import { type DrawnNotices, useUnseenCount } from "./use-notices";

type Props = { drawn: DrawnNotices; connectors: ConnectorEntry[]; seesQuarantine: boolean };

const loadPanel = () => import("./notice-panel").then((module) => module.NoticePanel);
/** Pixels between the panel and the edges of the window. */
const margin = 8;
const widest = 368;

/**
 * The bell with the number of unseen notices, and their panel on the browser's popover: Esc and a click outside close it,
 * and the focus comes back. The panel's code is loaded when the bell is first reached for.
 */
export function NoticeBell({ drawn, connectors, seesQuarantine }: Props) {
  const t = useTranslations("notices");
  const unseen = useUnseenCount(drawn);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [Panel, setPanel] = useState<ComponentType<NoticeContext> | null>(null);
  const [failed, setFailed] = useState(false);

  const load = () => {
    setFailed(false);
    loadPanel().then(
      (loaded) => setPanel(() => loaded),
      () => setFailed(true),
    );
  };
  const leave = () => popover.current?.hidePopover();

  const place = () => {
    const from = button.current?.getBoundingClientRect();
    const panel = popover.current;
    if (!from || !panel) return;
    const room = document.documentElement.clientWidth - 2 * margin;
    const width = Math.min(widest, room);
    const top = from.bottom + 6;
    panel.style.width = `${width}px`;
    panel.style.left = `${Math.min(Math.max(from.left, margin), margin + room - width)}px`;
    panel.style.top = `${top}px`;
    panel.style.maxHeight = `min(32rem, calc(100dvh - ${top + margin}px))`;
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={t("bell", { count: unseen })}
        className="btn btn-ghost btn-icon"
        onPointerEnter={Panel ? undefined : load}
        onFocus={Panel ? undefined : load}
      >
        <Bell size={16} aria-hidden="true" />
        {unseen > 0 ? (
          <span
            aria-hidden="true"
            className="absolute top-0 -right-0.5 grid h-4 min-w-4 place-items-center rounded-full bg-solid px-[3px] text-[10px] leading-none font-semibold text-on-solid tabular-nums"
          >
            {unseen > 9 ? t("many") : unseen}
          </span>
        ) : null}
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        role="dialog"
        aria-labelledby={`${id}-title`}
        tabIndex={-1}
        onBeforeToggle={place}
        onToggle={(event) => {
          const opened = event.newState === "open";
          setOpen(opened);
          if (!opened) return;
          if (!Panel) load();
          popover.current?.focus();
        }}
        className="rise fixed inset-auto m-0 flex-col rounded-xl border border-line bg-raised p-0 text-ink outline-none open:flex"
      >
        <div className="flex h-[46px] flex-none items-center justify-between border-b border-line pr-1.5 pl-4">
          <h2 id={`${id}-title`} className="text-sm font-semibold">
            {t("title")}
          </h2>
          <button type="button" className="btn btn-ghost btn-icon" aria-label={t("close")} onClick={leave}>
            <X size={16} aria-hidden="true" />
          </button>
        </div>
        <div className="min-h-0 overflow-y-auto overscroll-contain">
          {open && Panel ? (
            <Panel connectors={connectors} seesQuarantine={seesQuarantine} leave={leave} />
          ) : failed ? (
            <div role="alert" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3.5 text-sm">
              <p>{t("error")}</p>
              <button type="button" className="btn" onClick={load}>
                <RefreshCw size={14} aria-hidden="true" />
                {t("retry")}
              </button>
            </div>
          ) : (
            <NoticeSkeleton label={t("loading")} />
          )}
        </div>
      </div>
    </>
  );
}
