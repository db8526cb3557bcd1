"use client";

import { Ellipsis } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";

export type MenuItem = { key: string; label: string; icon: ReactNode; danger?: boolean; run: () => void };

/** A short menu behind three dots, on the browser's popover: Esc and a click outside close it. */
export function Menu({ label, items }: { label: string; items: MenuItem[] }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const place = () => {
    const from = button.current?.getBoundingClientRect();
    const menu = list.current;
    if (!from || !menu) return;
    const height = items.length * 34 + 10;
    const below = from.bottom + 4 + height <= window.innerHeight;
    menu.style.top = `${below ? from.bottom + 4 : Math.max(8, from.top - height - 4)}px`;
    menu.style.right = `${document.documentElement.clientWidth - from.right}px`;
  };

  const move = (event: KeyboardEvent) => {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (next === undefined) {
      if (event.key === "Tab") list.current?.hidePopover();
      return;
    }
    event.preventDefault();
    entries.at(next % entries.length)?.focus();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        className="btn btn-ghost btn-icon"
      >
        <Ellipsis size={16} aria-hidden="true" />
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        onKeyDown={move}
        onBeforeToggle={place}
        onToggle={(event) => {
          const opened = event.newState === "open";
          setOpen(opened);
          if (opened) list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
        }}
        className="fixed inset-auto m-0 min-w-44 rounded-lg border border-line bg-raised p-1 text-ink outline-none"
      >
        {items.map((item) => (
          <button
            key={item.key}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`flex h-[34px] w-full items-center gap-2.5 rounded-md px-2.5 text-left text-sm hover:bg-hover focus-visible:bg-hover focus-visible:outline-offset-[-2px] ${item.danger ? "text-bad" : ""}`}
            onClick={() => {
              list.current?.hidePopover();
              button.current?.focus();
              item.run();
            }}
          >
            {item.icon}
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
