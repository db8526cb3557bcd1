"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState, useSyncExternalStore } from "react";
import { notify } from "@/components/ui/notify";
import type { ConnectFlow } from "./connect-flow";
import { focusTarget } from "./focus-target";
import { LoadedOnce } from "./loaded-once";

/** Most people are never asked anything: the dialog comes when somebody is about to open it. */
const dialog = new LoadedOnce(() => import("./questions-dialog").then((module) => module.QuestionsDialog));
export const preloadQuestions = (): void => void dialog.load().catch(() => {});

/** What is asked before a try, over whatever page the try begins on. */
export function QuestionsSlot({ flow }: { flow: ConnectFlow }) {
  const { questions } = flow;
  const asking = useSyncExternalStore(questions.shown.subscribe, questions.shown.get, () => null);
  const pathname = usePathname();
  const errors = useTranslations("errors");
  const [Dialog, setDialog] = useState(() => dialog.now);

  const target = asking?.wish.target;
  useEffect(() => {
    if (!target) return;
    dialog.load().then(
      (loaded) => setDialog(() => loaded),
      () => {
        questions.withdraw();
        notify({ kind: "bad", title: errors("offline") });
      },
    );
    // The dialog gives the focus back to what had it; where the server made the page ask, nothing had.
    return () => focusTarget(target, flow.opener);
  }, [target, questions, flow, errors]);

  // Going back leaves the page that asked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is what it is about
  useEffect(() => () => flow.leaveQuestions(), [flow, pathname]);

  if (!asking || !Dialog) return null;
  return <Dialog asking={asking} onAnswer={(answers) => flow.answer(answers)} onClose={() => flow.leaveQuestions()} />;
}
