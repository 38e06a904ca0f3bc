import { profileRef } from '../http/api-request.ts';
import { isGuid } from '../http/guid.ts';
import { queryOf } from '../http/list-query.ts';
import { answerList } from '../http/odata/list-answer.ts';
import { collectionBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { queryShapes } from '../http/query-shapes.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

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
