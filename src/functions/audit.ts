import { collectionBody } from '../http/answers/odata-bodies.ts';
import { queryOf } from '../http/odata/list-query.ts';
import { answerList } from '../http/odata/lists/list-answer.ts';
import { queryShapes } from '../http/odata/query-shapes.ts';
import { operations } from '../http/operations.ts';
import { profileRef } from '../http/requests/api-request.ts';
import { isGuid } from '../http/requests/guid.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

export const listAudit = registerOperation(operations.listAudit, async (request) => {
	const query = queryOf(request, queryShapes.audit);
	const ref = profileRef(request);
	const { audit } = servicesFor(request);
	const answer = await answerList(query, {
		page: (page) => audit.list(ref, page),
		keyOf: ({ id }) => id,
		isKey: isGuid,
		toJson: (entry) => ({ ...entry }),
	});
	const type = `education/synchronizationProfiles('${ref.profileId}')/audit`;
	return { jsonBody: collectionBody(request, type, answer) };
});
