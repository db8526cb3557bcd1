import { useTranslations } from "next-intl";
import { KeyListSkeleton } from "@/components/api-keys/key-list-skeleton";
import { KeysHeader } from "@/components/api-keys/keys-header";

export default function Loading() {
  const t = useTranslations("apiKeys");
  return (
    <>
      <KeysHeader>
        <span aria-hidden="true" className="skeleton h-8 w-[118px]" />
      </KeysHeader>
      <KeyListSkeleton label={t("loading")} />
    </>
  );
}
