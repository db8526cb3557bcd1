"use client";

import { useEffect, useState } from "react";

// Pages say outcomes to screen readers through one region, which is there from the first paint on.
const listeners = new Set<(text: string) => void>();

/** Says a sentence to screen readers, politely. */
export function announce(text: string): void {
  for (const listener of listeners) listener(text);
}

export function Announcer() {
  const [said, setSaid] = useState({ text: "", turn: 0 });
  useEffect(() => {
    const listener = (text: string) => setSaid((before) => ({ text, turn: before.turn + 1 }));
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return (
    <div id="announcer" role="status" aria-live="polite" className="sr-only">
      {/* A new element for each sentence: the same words twice are still said twice. */}
      <span key={said.turn}>{said.text}</span>
    </div>
  );
}
