import { useTranslations } from "next-intl";
import { DeparturesHeader } from "@/components/admin/departures-header";
import { QuarantineSkeleton } from "@/components/admin/quarantine-skeleton";

export default function Loading() {
  const t = useTranslations("peopleLeft");
  return (
    <>
      <DeparturesHeader />
      <QuarantineSkeleton label={t("loading")} />
    </>
  );
}
