// The app's table of contents: importing a file of functions/ registers what it holds.
import { app } from '@azure/functions';
import './functions/audit.ts';
import './functions/batch.ts';
import './functions/directory.ts';
import './functions/due-work.ts';
import './functions/errors.ts';
import './functions/health.ts';
import './functions/notices.ts';
import './functions/openapi.ts';
import './functions/registration/other-spellings.ts';
import './functions/profile-actions.ts';
import './functions/profile-lifecycle.ts';
import './functions/profiles.ts';
import './functions/runs.ts';
import './functions/sync-profile.ts';
import './functions/registration/telemetry.ts';
import './functions/trace.ts';
import './functions/uploaded-file.ts';

// Bodies pass as they come: without it the host drops a chunked request body.
app.setup({ enableHttpStream: true });
