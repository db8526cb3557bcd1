import { useTranslations } from "next-intl";
import { QuarantineHeader } from "@/components/admin/quarantine-header";
import { QuarantineSkeleton } from "@/components/admin/quarantine-skeleton";

export default function Loading() {
  const t = useTranslations("quarantine");
  return (
    <>
      <QuarantineHeader />
      <QuarantineSkeleton label={t("loading")} />
    </>
  );
}
