"use client";

import { useAuth, useUser } from "@clerk/nextjs";
import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";
import { failureCode } from "@/components/api-client";
import { useOwner } from "@/components/shell/owner";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { LinkMade } from "./link-made";
import { useLinkMutations } from "./use-links";

type Props = { slug: string; name: string; onClose: () => void };

/** Asks for an address, says what the account will become, and shows the link once. */
export function AskDialog({ slug, name, onClose }: Props) {
  const t = useTranslations("links.ask");
  const failures = useTranslations("links.failed");
  const errors = useTranslations("errors");
  const owner = useOwner();
  const { orgId, orgRole } = useAuth();
  const { user } = useUser();
  const { make } = useLinkMutations();
  const formId = useId();
  const ownAddress = user?.primaryEmailAddress?.emailAddress ?? "";
  const asksOthers = !orgId || orgRole === "org:admin";
  const [typed, setTyped] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  const email = asksOthers ? typed.trim() : ownAddress;

  if (make.data) return <LinkMade made={make.data} onClose={onClose} />;

  const code = make.isError ? failureCode(make.error) : null;
  const failure = incomplete
    ? t("invalid")
    : code === null
      ? null
      : code === "forbidden"
        ? failures("forbidden")
        : code === "invalid_request"
          ? t("invalid")
          : errors(code, { name });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (make.isPending) return;
    const whole = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email);
    setIncomplete(!whole);
    if (whole) make.mutate({ connector: slug, email });
  };
  return (
    <Dialog
      title={t(asksOthers ? "title" : "titleOwn", { name })}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button
            type="submit"
            form={formId}
            data-first-focus={asksOthers ? undefined : ""}
            className="btn btn-solid"
            aria-disabled={make.isPending || undefined}
          >
            {make.isPending ? <Spinner /> : null}
            {t(make.isPending ? "making" : "make")}
          </button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="mt-3">
        <label className="block">
          <span className="font-medium text-ink">{t("email")}</span>
          <input
            data-first-focus={asksOthers ? "" : undefined}
            type="email"
            className="field mt-2 read-only:bg-chip"
            value={asksOthers ? typed : ownAddress}
            readOnly={!asksOthers}
            maxLength={254}
            autoComplete="off"
            aria-invalid={failure !== null || undefined}
            aria-describedby={`${formId}-hint ${formId}-failure`}
            onChange={(event) => {
              setTyped(event.target.value);
              setIncomplete(false);
              if (make.isError) make.reset();
            }}
          />
        </label>
        <p id={`${formId}-failure`} role="alert" className="mt-2 font-medium text-bad empty:hidden">
          {failure}
        </p>
        <div id={`${formId}-hint`} className="mt-2 grid gap-2">
          <p>{asksOthers ? t("emailHint") : t("ownOnly")}</p>
          <p>
            {owner.inOrganization
              ? t("becomes", { organization: owner.organizationName ?? t("yourOrganization") })
              : t("becomesYours")}
          </p>
        </div>
      </form>
    </Dialog>
  );
}
