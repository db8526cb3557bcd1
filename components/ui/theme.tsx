"use client";

import { Moon, Sun } from "lucide-react";
import { ThemeProvider, useTheme } from "next-themes";
import type { ReactNode } from "react";
import { useHydrated } from "./hydrated";

/** Light, dark or as the system says. The nonce lets the script that runs before the first paint through the CSP. */
export function Theme({ children, nonce }: { children: ReactNode; nonce?: string }) {
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>
      {children}
    </ThemeProvider>
  );
}

/** Switches between light and dark. Words come as props, so that public pages need no messages in the browser. */
export function ThemeToggle({ toDark, toLight }: { toDark: string; toLight: string }) {
  const { resolvedTheme, setTheme } = useTheme();
  const dark = useHydrated() && resolvedTheme === "dark";
  return (
    <button
      type="button"
      className="btn btn-ghost btn-icon"
      aria-label={dark ? toLight : toDark}
      title={dark ? toLight : toDark}
      onClick={() => setTheme(dark ? "light" : "dark")}
    >
      {/* Both are drawn and the class of the page picks one: nothing flickers while the script loads. */}
      <Moon size={16} aria-hidden="true" className="dark:hidden" />
      <Sun size={16} aria-hidden="true" className="hidden dark:block" />
    </button>
  );
}
