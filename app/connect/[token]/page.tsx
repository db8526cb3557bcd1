import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { InvitationPage } from "@/components/links/invitation-page";
import { pageTenant } from "@/lib/auth/page";
import { manifests } from "@/lib/catalogue/manifests";
import { wayOf } from "@/lib/catalogue/way";
import { openLink } from "@/lib/connect/links";
import { AppError } from "@/lib/errors";

type Props = { params: Promise<{ token: string }> };

/** Whatever is wrong, whoever the link was not made for is shown the same `not-found`. */
const invitationOf = cache(async (token: string) => {
  const { userId } = await pageTenant();
  try {
    const invitation = await openLink(userId, token);
    return { invitation, manifest: manifests.get(invitation.connector) ?? notFound(), userId };
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const [{ manifest }, t] = await Promise.all([invitationOf((await params).token), getTranslations("invitation")]);
  return { title: t("title", { name: manifest.name }) };
}

export default async function Page({ params }: Props) {
  const { token } = await params;
  const { invitation, manifest, userId } = await invitationOf(token);
  return (
    <InvitationPage
      token={token}
      invitation={invitation}
      manifest={manifest}
      method={wayOf(manifest).method}
      own={invitation.asker.id === userId}
    />
  );
}
