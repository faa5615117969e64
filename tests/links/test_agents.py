"""What a User-Agent is taken for."""

from __future__ import annotations

import crawleruseragents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.links.agents import Kind, agent_of

IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
IOS += " (KHTML, like Gecko) Mobile/15E148"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP3A; wv) AppleWebKit/537.36"
ANDROID += " (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
WINDOWS += " (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"

PEOPLE = [
    f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36",
    f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0",
    f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.6",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36"
        " (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
    ),
    f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    (
        "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
        " (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
    ),
    "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
    (
        "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S921B) AppleWebKit/537.36"
        " (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"
    ),
    # A telephone whose maker ends on "bot".
    (
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36"
        " (KHTML, like Gecko) Chrome/74.0.3729.157 Mobile Safari/537.36"
    ),
    "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
    # Browsers inside apps.
    f"{IOS} [LinkedInApp]/9.30.1234",
    f"{ANDROID} [LinkedInApp]",
    f"{IOS} [FBAN/FBIOS;FBAV/490.0.0.43.109;FBBV/661337;FBDV/iPhone16,2;FBMD/iPhone]",
    f"{ANDROID} [FB_IAB/FB4A;FBAV/490.0.0.50.83;]",
    f"{ANDROID} MetaIAB Facebook",
    f"{IOS} Instagram 360.0.0.30.109 (iPhone16,2; iOS 18_1; nl_NL; nl; scale=3.00)",
    (
        f"{ANDROID} Instagram 360.0.0.52.192 Android (35/15; 420dpi; 1080x2219;"
        " Google/google; Pixel 9; tokay; tokay; nl_NL; 672)"
    ),
    (
        f"{ANDROID} Barcelona 360.0.0.28.102 Android (35/15; 420dpi; 1080x2400;"
        " Google/google; Pixel 9; tokay; tokay; nl_NL; 672)"
    ),
    f"{IOS} Twitter for iPhone/10.70",
    f"{ANDROID} TwitterAndroid",
    f"{IOS} Snapchat/13.14.0.40 (like Safari/8619.2.8.10.7, panda)",
    f"{ANDROID} Pinterest/12.40.0",
    f"{IOS} GSA/343.0.695551749 Safari/604.1",
    f"{IOS} musical_ly_37.0.0 BytedanceWebview/d8a21c6",
    f"{IOS} MicroMessenger/8.0.53 NetType/WIFI Language/nl",
    f"{WINDOWS} Teams/24295.605.3225.8804 Chrome/130.0.0.0 Safari/537.36 Edg/130.0",
    f"{WINDOWS} Slack/4.41.97 Chrome/130.0.6723.59 Electron/33.0.1 Safari/537.36",
    f"{WINDOWS} Microsoft Outlook 16.0.17932; ms-office; MSOffice 16) Safari/537.36",
]

PREVIEWS = [
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://linkedin.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Twitterbot/1.0",
    "WhatsApp/2.23.20.0 A",
    "WhatsApp/2.24.10.77 i",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    f"{WINDOWS} SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Mozilla/5.0 (compatible; BlueskyPreviewBot/1.0)",
    "Bluesky Cardyb/1.1; +mailto:support@bsky.app",
    "http.rb/5.1.1 (Mastodon/4.3.1; +https://mastodon.nl/)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Viber/13.3.0.5 CFNetwork/1206 Darwin/20.1.0",
    "Pleroma 2.6.0; https://social.example <admin@social.example>",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
]

PROGRAMS = [
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "python-httpx/0.28.1",
    "Python/3.12 aiohttp/3.10.10",
    "Python-urllib/3.11",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "axios/1.7.7",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "node",
    "undici",
    "Java/17.0.2",
    "Apache-HttpClient/5.2.1 (Java/17.0.2)",
    "libwww-perl/6.77",
    "GuzzleHttp/7",
    "Ruby",
    "PostmanRuntime/7.42.0",
    "HTTPie/3.2.4",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    f"{WINDOWS} HeadlessChrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; brandnewcrawler/0.1)",
    "Mozilla/5.0 (compatible; something; +https://example.org/about)",
]


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_people_inside_apps_too(text: str) -> None:
    """A click that is thrown away wrongly is a lie as well."""
    assert agent_of(text).kind is Kind.BROWSER


@pytest.mark.parametrize("text", PREVIEWS)
def test_programs_that_draw_a_card_are_previews(text: str) -> None:
    """Each posted link is fetched by one or many of them."""
    assert agent_of(text).kind is Kind.PREVIEW


@pytest.mark.parametrize("text", PROGRAMS)
def test_programs_that_say_so_are_bots(text: str) -> None:
    """Whether in the open list or by the library that they use."""
    assert agent_of(text).kind is Kind.BOT


@pytest.mark.parametrize(
    "text", ["Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", "Mimecast Scanner"]
)
def test_mail_gateways_that_say_so_are_scanners(text: str) -> None:
    """They look before a person may."""
    assert agent_of(text).kind is Kind.SCANNER


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "agent-empty"),
        ("   ", "agent-empty"),
        ("SomeApp/3.1 (build 7)", "agent-not-a-browser"),
        ("Mozilla", "agent-not-a-browser"),
    ],
)
def test_what_nobody_can_tell_is_unclear(text: str, rule: str) -> None:
    """Not a click, and not an accusation."""
    assert agent_of(text) == (Kind.UNCLEAR, rule)


def test_no_program_of_the_open_list_passes_for_a_person() -> None:
    """Every example that the list gives, but the one that is a browser."""
    passed = {
        example
        for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        for example in entry["instances"]
        if agent_of(example).kind in {Kind.BROWSER, Kind.UNCLEAR}
    }

    assert {text for text in passed if "MetaIAB" not in text} == set()


@given(st.text(max_size=2_000))
def test_any_text_gets_an_answer(text: str) -> None:
    """Anybody may send anything."""
    assert agent_of(text).kind in Kind
