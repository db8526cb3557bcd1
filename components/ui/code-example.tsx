"use client";

import { useRef } from "react";
import { CopyButton } from "./copy-button";

type Props = { code: string; label: string; said: string };

/** Something to paste into a terminal. Long lines wrap, so that nothing has to be scrolled sideways. */
export function CodeExample({ code, label, said }: Props) {
  const shown = useRef<HTMLElement>(null);
  return (
    <div className="flex items-start gap-1 rounded-lg border border-line bg-side p-1">
      <pre className="min-w-0 flex-1 px-2 py-1.5 font-mono text-xs whitespace-pre-wrap text-ink">
        <code ref={shown} className="wrap-any">
          {code}
        </code>
      </pre>
      <CopyButton icon look="ghost" text={code} shown={shown} label={label} said={said} />
    </div>
  );
}
