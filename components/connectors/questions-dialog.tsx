"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { checkConnectionConfig, type Question } from "@/lib/catalogue/connection-config";
import type { Answers, Asking, WrongAnswers } from "./ask-first";
import { QuestionField } from "./question-field";

type Props = {
  asking: Asking;
  /** Called in the click itself, so that a window can be opened. */
  onAnswer: (answers: Answers) => void;
  onClose: () => void;
};

/** Asks for what makes up the provider's address, and lets nobody go on with what cannot be one. */
export function QuestionsDialog({ asking, onAnswer, onClose }: Props) {
  const t = useTranslations("connect.questions");
  const button = useTranslations("connect.button");
  const { questions, pending } = asking;
  const { name } = asking.wish.target;
  const [typed, setTyped] = useState<Answers>(asking.answers);
  const [wrong, setWrong] = useState(asking.wrong);
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);

  // The server may find something wrong that the form let pass.
  useEffect(() => {
    setWrong(asking.wrong);
    focusFirst(form.current, asking.questions, asking.wrong);
  }, [asking]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const checked = checkConnectionConfig(questions, typed);
    if (checked.ok) return onAnswer(checked.values);
    setWrong(checked.wrong);
    focusFirst(form.current, questions, checked.wrong);
  };
  return (
    <Dialog
      title={t("title", { name })}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" form={formId} className="btn btn-solid btn-wrap" aria-disabled={pending || undefined}>
            {pending ? <Spinner /> : null}
            {pending ? button("opening") : t("continue", { name })}
          </button>
        </>
      }
    >
      <p className="wrap-any">
        {asking.away ? `${t("away")} ` : null}
        {t("why", { name })}
      </p>
      <form
        ref={form}
        id={formId}
        onSubmit={submit}
        noValidate
        autoComplete="off"
        className="mt-4 grid grid-cols-1 gap-4"
      >
        {questions.map((question, at) => (
          <QuestionField
            key={question.name}
            question={question}
            connectorName={name}
            value={typed[question.name] ?? ""}
            fault={wrong[question.name] ?? null}
            focusFirst={at === 0}
            onChange={(value) => {
              setTyped({ ...typed, [question.name]: value });
              setWrong(({ [question.name]: _, ...others }) => others);
            }}
          />
        ))}
      </form>
    </Dialog>
  );
}

function focusFirst(form: HTMLFormElement | null, questions: Question[], wrong: WrongAnswers): void {
  const first = questions.find((question) => wrong[question.name]);
  const field = first && form?.elements.namedItem(first.name);
  if (field instanceof HTMLElement) field.focus();
}
