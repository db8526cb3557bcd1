"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useId, useRef } from "react";

type Props = {
  title: string;
  children: ReactNode;
  footer: ReactNode;
  onClose: () => void;
  /** A click outside does not close it: what it shows is not shown again. */
  lasting?: boolean;
};

/**
 * The browser's own modal dialog: it traps the keyboard, closes with Esc and gives the focus back by itself.
 * Mounted only while it is open, so its parent decides by rendering it.
 */
export function Dialog(props: Props) {
  const t = useTranslations("dialog");
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const opener = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => {
      dialog.close();
      // React removes the dialog before the browser could give the focus back.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it, the click outside is for the pointer only
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      // React may run the effect twice in development: a dialog that is open again was not closed by anybody.
      onClose={() => ref.current?.open || props.onClose()}
      onClick={(event) => {
        if (event.target === ref.current && !props.lasting) ref.current?.close();
      }}
      className="rise m-auto w-[min(26rem,calc(100vw-2rem))] rounded-xl border border-line bg-raised p-0 text-ink"
    >
      <div className="p-5">
        <div className="flex items-start justify-between gap-3">
          <h2 id={titleId} className="wrap-any text-[15px] font-semibold">
            {props.title}
          </h2>
          <button
            type="button"
            className="btn btn-ghost btn-icon -mt-1.5 -mr-2"
            aria-label={t("close")}
            onClick={() => ref.current?.close()}
          >
            <X size={16} aria-hidden="true" />
          </button>
        </div>
        <div className="mt-1.5 text-sm text-ink-2">{props.children}</div>
        <div className="mt-5 flex flex-wrap justify-end gap-2">{props.footer}</div>
      </div>
    </dialog>
  );
}
