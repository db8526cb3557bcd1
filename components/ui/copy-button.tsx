"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { type RefObject, useState } from "react";
import { announce } from "./announcer";

type Props = {
  text: string;
  /** Where the text stands on the page: selected, so that the person can copy it when the browser does not let us. */
  shown: RefObject<HTMLElement | null>;
  /** What is said when it is done. */
  said: string;
  label: string;
  /** Shows the picture alone; the label is then read out. */
  icon?: boolean;
  look?: "solid" | "ghost";
  /** Has the focus when a dialog opens. */
  first?: boolean;
  className?: string;
};

/** Copies a text, and says whether that went well. */
export function CopyButton({ text, shown, said, label, icon = false, look, first, className = "" }: Props) {
  const t = useTranslations("copy");
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (shown.current) select(shown.current);
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce(said);
    } catch {
      // Not allowed, or not there without https: the person copies what is selected.
      announce(t("selected"));
    }
  };
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      data-first-focus={first ? "" : undefined}
      className={`btn ${look ? `btn-${look}` : ""} ${icon ? "btn-icon" : ""} ${className}`}
      aria-label={icon ? label : undefined}
      title={icon ? label : undefined}
      onClick={() => void copy()}
    >
      <Icon size={14} aria-hidden="true" />
      {icon ? null : copied ? t("copied") : label}
    </button>
  );
}

function select(element: HTMLElement) {
  if (element instanceof HTMLInputElement) element.select();
  else window.getSelection()?.selectAllChildren(element);
}
