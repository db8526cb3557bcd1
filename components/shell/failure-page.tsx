"use client";

import { useEffect, useState } from "react";

type Words = { title: string; text: string; retry: string };

/** A page that failed as a whole. Words are fetched when that happens, so that no page carries them for the day it does. */
export function FailurePage({ retry }: { retry: () => void }) {
  const [words, setWords] = useState<Words | null>(null);
  useEffect(() => {
    import("@/messages/en.json").then(
      (module) => setWords(module.default.failure),
      () => {},
    );
  }, []);
  if (!words) return null;
  return (
    <main role="alert" className="mx-auto grid max-w-lg justify-items-center gap-1 px-6 py-28 text-center">
      <title>{words.title}</title>
      <h1 className="text-title font-semibold tracking-[-0.02em]">{words.title}</h1>
      <p className="mb-4 text-ink-2">{words.text}</p>
      <button type="button" className="btn btn-solid" onClick={retry}>
        {words.retry}
      </button>
    </main>
  );
}
