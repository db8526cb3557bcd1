// Written by `npm run manifests:generate`. Do not edit.
import m0 from "@/manifests/airtable.json";
import m1 from "@/manifests/amazon-s3.json";
import m2 from "@/manifests/amazon-seller.json";
import m3 from "@/manifests/amplitude.json";
import m4 from "@/manifests/anthropic.json";
import m5 from "@/manifests/asana.json";
import m6 from "@/manifests/attio.json";
import m7 from "@/manifests/aws.json";
import m8 from "@/manifests/azure-blob-storage.json";
import m9 from "@/manifests/azure-devops.json";
import m10 from "@/manifests/bamboohr.json";
import m11 from "@/manifests/basecamp.json";
import m12 from "@/manifests/bigcommerce.json";
import m13 from "@/manifests/bitbucket.json";
import m14 from "@/manifests/box.json";
import m15 from "@/manifests/cal-com.json";
import m16 from "@/manifests/calendly.json";
import m17 from "@/manifests/circleci.json";
import m18 from "@/manifests/clickup.json";
import m19 from "@/manifests/close.json";
import m20 from "@/manifests/cloudflare.json";
import m21 from "@/manifests/codeberg.json";
import m22 from "@/manifests/copper.json";
import m23 from "@/manifests/databricks.json";
import m24 from "@/manifests/datadog.json";
import m25 from "@/manifests/discord.json";
import m26 from "@/manifests/dropbox.json";
import m27 from "@/manifests/dynamics-365.json";
import m28 from "@/manifests/ebay.json";
import m29 from "@/manifests/egnyte.json";
import m30 from "@/manifests/elevenlabs.json";
import m31 from "@/manifests/etsy.json";
import m32 from "@/manifests/facebook.json";
import m33 from "@/manifests/freshsales.json";
import m34 from "@/manifests/github.json";
import m35 from "@/manifests/gitlab.json";
import m36 from "@/manifests/gmail.json";
import m37 from "@/manifests/google-ai.json";
import m38 from "@/manifests/google-analytics.json";
import m39 from "@/manifests/google-bigquery.json";
import m40 from "@/manifests/google-calendar.json";
import m41 from "@/manifests/google-chat.json";
import m42 from "@/manifests/google-cloud-storage.json";
import m43 from "@/manifests/google-drive.json";
import m44 from "@/manifests/google-meet.json";
import m45 from "@/manifests/google-sheets.json";
import m46 from "@/manifests/hubspot.json";
import m47 from "@/manifests/instagram.json";
import m48 from "@/manifests/intercom.json";
import m49 from "@/manifests/jira.json";
import m50 from "@/manifests/linear.json";
import m51 from "@/manifests/linkedin.json";
import m52 from "@/manifests/magento.json";
import m53 from "@/manifests/microsoft-teams.json";
import m54 from "@/manifests/mixpanel.json";
import m55 from "@/manifests/monday.json";
import m56 from "@/manifests/nextcloud.json";
import m57 from "@/manifests/notion.json";
import m58 from "@/manifests/onedrive.json";
import m59 from "@/manifests/openai.json";
import m60 from "@/manifests/outlook-calendar.json";
import m61 from "@/manifests/outlook-mail.json";
import m62 from "@/manifests/pagerduty.json";
import m63 from "@/manifests/paypal.json";
import m64 from "@/manifests/perplexity.json";
import m65 from "@/manifests/pinterest.json";
import m66 from "@/manifests/pipedrive.json";
import m67 from "@/manifests/posthog.json";
import m68 from "@/manifests/reddit.json";
import m69 from "@/manifests/replicate.json";
import m70 from "@/manifests/ringcentral.json";
import m71 from "@/manifests/salesforce.json";
import m72 from "@/manifests/sendgrid.json";
import m73 from "@/manifests/sentry.json";
import m74 from "@/manifests/sharepoint.json";
import m75 from "@/manifests/shopify.json";
import m76 from "@/manifests/slack.json";
import m77 from "@/manifests/smartsheet.json";
import m78 from "@/manifests/snowflake.json";
import m79 from "@/manifests/square.json";
import m80 from "@/manifests/stripe.json";
import m81 from "@/manifests/stripe-connect.json";
import m82 from "@/manifests/tableau.json";
import m83 from "@/manifests/telegram.json";
import m84 from "@/manifests/threads.json";
import m85 from "@/manifests/tiktok.json";
import m86 from "@/manifests/todoist.json";
import m87 from "@/manifests/trello.json";
import m88 from "@/manifests/twilio.json";
import m89 from "@/manifests/twitch.json";
import m90 from "@/manifests/twitter.json";
import m91 from "@/manifests/vercel.json";
import m92 from "@/manifests/webex.json";
import m93 from "@/manifests/whatsapp-business.json";
import m94 from "@/manifests/when2meet.json";
import m95 from "@/manifests/woocommerce.json";
import m96 from "@/manifests/wrike.json";
import m97 from "@/manifests/youtube.json";
import m98 from "@/manifests/zendesk-sell.json";
import m99 from "@/manifests/zoho-crm.json";
import m100 from "@/manifests/zoom.json";

/** Every manifest file as it was read. manifests.ts parses them. */
export const manifestFiles: readonly unknown[] = [
  m0,
  m1,
  m2,
  m3,
  m4,
  m5,
  m6,
  m7,
  m8,
  m9,
  m10,
  m11,
  m12,
  m13,
  m14,
  m15,
  m16,
  m17,
  m18,
  m19,
  m20,
  m21,
  m22,
  m23,
  m24,
  m25,
  m26,
  m27,
  m28,
  m29,
  m30,
  m31,
  m32,
  m33,
  m34,
  m35,
  m36,
  m37,
  m38,
  m39,
  m40,
  m41,
  m42,
  m43,
  m44,
  m45,
  m46,
  m47,
  m48,
  m49,
  m50,
  m51,
  m52,
  m53,
  m54,
  m55,
  m56,
  m57,
  m58,
  m59,
  m60,
  m61,
  m62,
  m63,
  m64,
  m65,
  m66,
  m67,
  m68,
  m69,
  m70,
  m71,
  m72,
  m73,
  m74,
  m75,
  m76,
  m77,
  m78,
  m79,
  m80,
  m81,
  m82,
  m83,
  m84,
  m85,
  m86,
  m87,
  m88,
  m89,
  m90,
  m91,
  m92,
  m93,
  m94,
  m95,
  m96,
  m97,
  m98,
  m99,
  m100,
];
