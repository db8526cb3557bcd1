"use client";

import { useTranslations } from "next-intl";
import { RadioGroup } from "@/components/ui/radio-group";
import type { Visibility } from "@/lib/api/views";

type Props = {
  value: Visibility;
  onChange: (value: Visibility) => void;
  organizationName: string | null;
  /** True where the question is the title of what it stands in. */
  asked?: boolean;
};

/** Who may use the account that is about to be connected: each choice with a sentence that says what it means. */
export function VisibilityChoice({ value, onChange, organizationName, asked = false }: Props) {
  const t = useTranslations("visibility");
  const organization = organizationName ?? t("yourOrganization");
  return (
    <RadioGroup
      legend={t("legend")}
      asked={asked}
      choices={[
        { key: "everyone", label: t("everyone", { organization }), hint: t("everyoneHint") },
        { key: "only_me", label: t("onlyMe"), hint: t("onlyMeHint") },
      ]}
      value={value}
      onChange={onChange}
    />
  );
}
