"use client";

import { Menu, X } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef, useState } from "react";

/**
 * The sidebar's content on small screens. A plain panel and not a modal dialog: Clerk's own menus open at the end of the
 * body, where a modal dialog would cover and disable them. The page behind is out of reach meanwhile.
 */
export function MobileMenu({ children }: { children: ReactNode }) {
  const t = useTranslations("shell");
  const opener = useRef<HTMLButtonElement>(null);
  const closer = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const pathname = usePathname();
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving at another page closes the menu
  useEffect(() => setOpen(false), [pathname]);

  useEffect(() => {
    const main = document.getElementById("main");
    if (!open || !main) return;
    const back = opener.current;
    main.inert = true;
    closer.current?.focus();
    const onKey = (event: KeyboardEvent) => {
      // A menu of Clerk's that is open takes the first Esc for itself.
      if (event.key === "Escape" && !event.defaultPrevented) setOpen(false);
    };
    window.addEventListener("keydown", onKey);
    return () => {
      main.inert = false;
      window.removeEventListener("keydown", onKey);
      back?.focus();
    };
  }, [open]);

  return (
    <>
      <button
        ref={opener}
        type="button"
        className="btn btn-ghost btn-icon -mr-2"
        aria-label={t("openMenu")}
        aria-expanded={open}
        aria-controls="mobile-menu"
        onClick={() => setOpen(true)}
      >
        <Menu size={18} aria-hidden="true" />
      </button>
      <div id="mobile-menu" hidden={!open} className="fixed inset-0 z-40 h-dvh">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: for the pointer only; Esc and the button close it, too */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
        <div className="absolute inset-0 bg-[var(--shade)]" onClick={() => setOpen(false)} />
        <div className="relative flex h-full w-72 max-w-[calc(100vw-3rem)] flex-col gap-3 border-r border-line bg-side p-3">
          <button
            ref={closer}
            type="button"
            className="btn btn-ghost btn-icon self-end"
            aria-label={t("closeMenu")}
            onClick={() => setOpen(false)}
          >
            <X size={18} aria-hidden="true" />
          </button>
          {open ? children : null}
        </div>
      </div>
    </>
  );
}
