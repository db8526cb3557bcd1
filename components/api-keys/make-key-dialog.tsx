"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useId, useRef, useState } from "react";
import { failureCode } from "@/components/api-client";
import type { ConnectorEntry } from "@/components/notices/connector-entry";
import { Dialog } from "@/components/ui/dialog";
import { RadioGroup } from "@/components/ui/radio-group";
import { Spinner } from "@/components/ui/spinner";
import { ConnectorChoice } from "./connector-choice";
import { KeyMade } from "./key-made";
import { type KeyChoice, mostConnectors, scopesOf } from "./key-scopes";
import { useKeyMutations } from "./use-keys";

const days = [30, 90, 365] as const;

type Props = { connectors: ConnectorEntry[]; offered: string[]; onClose: () => void };
type Lacking = "noName" | "noneChosen" | "tooMany";

/** Asks what the key is for, how long it lasts and what it may do, and shows it once. At first it may change nothing. */
export function MakeKeyDialog({ connectors, offered, onClose }: Props) {
  const t = useTranslations("apiKeys.making");
  const errors = useTranslations("errors");
  const { make } = useKeyMutations();
  const formId = useId();
  const nameField = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [ends, setEnds] = useState<number | null>(90);
  const [choice, setChoice] = useState<KeyChoice>({ level: "read", actions: "none", connectors: [] });
  const [lacking, setLacking] = useState<Lacking | null>(null);

  if (make.data) return <KeyMade made={make.data} onClose={onClose} />;

  const choose = (part: Partial<KeyChoice>) => {
    setChoice((before) => ({ ...before, ...part }));
    setLacking(null);
  };
  const lacks = (): Lacking | null => {
    if (name.trim() === "") return "noName";
    if (choice.actions === "none" || choice.connectors === "every") return null;
    if (choice.connectors.length === 0) return "noneChosen";
    return choice.connectors.length > mostConnectors ? "tooMany" : null;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (make.isPending) return;
    const found = lacks();
    setLacking(found);
    if (found === "noName") nameField.current?.focus();
    if (found === null) make.mutate({ name: name.trim(), scopes: scopesOf(choice), expires_in_days: ends });
  };
  const code = make.isError ? failureCode(make.error) : null;
  const failure = lacking ? t(lacking, { most: mostConnectors }) : code ? errors(code, { name: name.trim() }) : null;
  return (
    <Dialog
      title={t("title")}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" form={formId} className="btn btn-solid" aria-disabled={make.isPending || undefined}>
            {make.isPending ? <Spinner /> : null}
            {t(make.isPending ? "pending" : "make")}
          </button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="grid gap-4 pt-1.5">
        <div>
          <label className="block">
            <span className="font-semibold text-ink">{t("name")}</span>
            <input
              ref={nameField}
              data-first-focus=""
              className="field mt-2"
              value={name}
              maxLength={80}
              autoComplete="off"
              placeholder={t("placeholder")}
              aria-invalid={lacking === "noName" || undefined}
              aria-describedby={`${formId}-hint ${formId}-failure`}
              onChange={(event) => {
                setName(event.target.value);
                setLacking(null);
              }}
            />
          </label>
          <p id={`${formId}-hint`} className="mt-1 text-xs">
            {t("nameHint")}
          </p>
        </div>
        <div>
          <label className="block">
            <span className="font-semibold text-ink">{t("ends")}</span>
            <select
              className="field mt-2"
              value={ends ?? "never"}
              aria-describedby={`${formId}-ends`}
              onChange={({ target }) => setEnds(target.value === "never" ? null : Number(target.value))}
            >
              {days.map((count) => (
                <option key={count} value={count}>
                  {t("days", { days: count })}
                </option>
              ))}
              <option value="never">{t("never")}</option>
            </select>
          </label>
          <p id={`${formId}-ends`} className="mt-1 text-xs empty:hidden">
            {ends === null ? t("neverHint") : null}
          </p>
        </div>
        <RadioGroup
          legend={t("level")}
          choices={[
            { key: "read", label: t("levels.read"), hint: t("levels.readHint") },
            { key: "manage", label: t("levels.manage"), hint: t("levels.manageHint") },
          ]}
          value={choice.level}
          onChange={(level) => choose({ level })}
        />
        <RadioGroup
          legend={t("actions")}
          choices={(["none", "read", "run"] as const).map((key) => ({ key, label: t(`actionChoices.${key}`) }))}
          value={choice.actions}
          onChange={(actions) => choose({ actions })}
        />
        {choice.actions === "none" ? null : (
          <ConnectorChoice
            value={choice.connectors}
            onChange={(chosen) => choose({ connectors: chosen })}
            connectors={connectors}
            offered={offered}
          />
        )}
        <p id={`${formId}-failure`} role="alert" className="font-medium text-bad empty:hidden">
          {failure}
        </p>
      </form>
    </Dialog>
  );
}
