"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { announce } from "@/components/ui/announcer";
import { Spinner } from "@/components/ui/spinner";
import { leaveLink } from "./links-api";

type Props = {
  token: string;
  /** Nothing is left to do here: goes without being asked. */
  atOnce?: boolean;
  /** Said by the page, whose words stay on the server. `after` tells beforehand that one goes back. */
  words: { button: string; leaving: string; failed: string; after?: string };
};

/** The way back to the program that asked for an account; the server knows the address and what to take along. */
export function LinkBack({ token, atOnce = false, words }: Props) {
  const { button, leaving, failed, after } = words;
  const [phase, setPhase] = useState<"idle" | "leaving" | "failed">(atOnce ? "leaving" : "idle");
  const begun = useRef(false);

  const leave = useCallback(async () => {
    setPhase("leaving");
    announce(leaving);
    try {
      window.location.replace(await leaveLink(token));
    } catch {
      setPhase("failed");
    }
  }, [token, leaving]);

  useEffect(() => {
    if (!atOnce || begun.current) return;
    begun.current = true;
    void leave();
  }, [atOnce, leave]);

  return (
    <div className="mt-3 grid justify-items-start gap-2">
      {after ? <p className="text-xs text-ink-3">{after}</p> : null}
      <p role="alert" className="text-sm font-medium text-bad empty:hidden">
        {phase === "failed" ? failed : null}
      </p>
      <button
        type="button"
        className={after ? "btn" : "btn btn-solid"}
        aria-disabled={phase === "leaving" || undefined}
        onClick={() => {
          if (phase !== "leaving") void leave();
        }}
      >
        {phase === "leaving" ? <Spinner /> : null}
        {phase === "leaving" ? leaving : button}
      </button>
    </div>
  );
}
