// Pages of a conference without a live room of their own: announcements and the inbox' bell, for who is signed in.

import { opened } from "./live-page.js";

opened().live.start();
