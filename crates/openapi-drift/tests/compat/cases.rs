//! The spec that the cases start from, and one case for each way to change it.

pub(crate) const BASE: &str = "\
openapi: 3.0.3
info: {title: t, version: 0.1.0}
security:
  - token: []
  - signature: []
paths:
  /v9/{a}/runs:
    post:
      operationId: StartRun
      parameters:
        - {name: a, in: path, required: true, schema: {type: string, minLength: 1, maxLength: 64, pattern: '^a'}}
        - {name: kind, in: query, required: true, schema: {type: string, enum: [x, y], default: x}}
        - {name: limit, in: query, schema: {type: integer, minimum: 10, maximum: 200, default: 10}}
        - {name: region, in: header, schema: {type: string, minLength: 2, maxLength: 128}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Request'}}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Reply'}}}
    get:
      operationId: ShowRun
      parameters: [{name: a, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
components:
  securitySchemes:
    token: {type: apiKey, in: header, name: X-Auth-Token, x-mandatory: true, x-length: {min: 1, max: 32768}}
    signature: {type: apiKey, in: header, name: Authorization}
  schemas:
    Ids: {type: array, minItems: 1, maxItems: 200, items: {type: string, maxLength: 64}}
    Request:
      type: object
      required: [ids]
      properties:
        ids: {$ref: '#/components/schemas/Ids'}
        all: {type: boolean}
        note: {type: string, minLength: 1, maxLength: 9, pattern: '^q', format: date}
        size: {type: integer, minimum: 1, maximum: 5}
        color: {type: string, enum: [red, green], default: red}
        inner: {type: object, required: [depth], properties: {depth: {type: integer}, self: {$ref: '#/components/schemas/Request'}}}
    Reply:
      type: object
      required: [total]
      properties:
        total: {type: integer, x-length: {min: 1, max: 100}}
        error: {type: string, x-length: {min: 1, max: 256}, pattern: '^e', format: uuid}
        state: {type: string, enum: [on, off], default: on}
        rows: {type: array, x-length: {min: 1, max: 50}, items: {type: object, properties: {id: {type: string, x-length: {max: 64}}}}}
        when: {type: string, nullable: true}
";

/// The text to replace, its replacement, the ids found from the base to the patched spec, and those found in reverse.
pub(crate) type Case = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

pub(crate) const CASES: &[Case] = &[
    // Operations.
    (
        "    get:\n      operationId: ShowRun\n      parameters: [{name: a, in: path, required: true, schema: {type: string}}]\n      responses: {'200': {description: ok}}\n",
        "",
        &["request-operation-existence-removed"],
        &["request-operation-existence-added"],
    ),
    ("    get:\n", "    put:\n", &["request-operation-address-changed"], &["request-operation-address-changed"]),
    (
        "/v9/{a}/runs:",
        "/v10/{a}/runs:",
        &["request-operation-address-changed", "request-operation-address-changed"],
        &["request-operation-address-changed", "request-operation-address-changed"],
    ),
    (
        "operationId: ShowRun",
        "operationId: ShowTheRun",
        &["request-operation-id-changed"],
        &["request-operation-id-changed"],
    ),
    (
        "operationId: ShowRun\n",
        "operationId: ShowRun\n      deprecated: true\n",
        &["request-operation-deprecation-added"],
        &["request-operation-deprecation-removed"],
    ),
    // Security.
    (
        "  - signature: []\n",
        "",
        &["request-operation-security-alternative-removed", "request-operation-security-alternative-removed"],
        &["request-operation-security-alternative-added", "request-operation-security-alternative-added"],
    ),
    (
        "operationId: ShowRun\n",
        "operationId: ShowRun\n      security: []\n",
        &["request-operation-security-removed"],
        &["request-operation-security-added"],
    ),
    (
        "operationId: ShowRun\n",
        "operationId: ShowRun\n      security: [{token: [], signature: []}]\n",
        &[
            "request-operation-security-alternative-removed",
            "request-operation-security-alternative-removed",
            "request-operation-security-alternative-added",
        ],
        &[
            "request-operation-security-alternative-removed",
            "request-operation-security-alternative-added",
            "request-operation-security-alternative-added",
        ],
    ),
    (
        "name: Authorization",
        "name: X-Sign",
        &["request-operation-security-scheme-changed", "request-operation-security-scheme-changed"],
        &["request-operation-security-scheme-changed", "request-operation-security-scheme-changed"],
    ),
    (
        "max: 32768",
        "max: 65536",
        &["request-header-max-length-raised", "request-header-max-length-raised"],
        &["request-header-max-length-lowered", "request-header-max-length-lowered"],
    ),
    (
        "{min: 1, max: 32768}",
        "{min: 4, max: 32768}",
        &["request-header-min-length-raised", "request-header-min-length-raised"],
        &["request-header-min-length-lowered", "request-header-min-length-lowered"],
    ),
    (
        ", x-mandatory: true",
        "",
        &["request-header-mandatory-removed", "request-header-mandatory-removed"],
        &["request-header-mandatory-added", "request-header-mandatory-added"],
    ),
    // Bodies, responses, media types.
    (
        "      requestBody:\n        required: true\n        content: {application/json: {schema: {$ref: '#/components/schemas/Request'}}}\n",
        "",
        &["request-operation-body-removed"],
        &["request-operation-mandatory-body-added"],
    ),
    (
        "operationId: ShowRun\n",
        "operationId: ShowRun\n      requestBody: {content: {application/json: {schema: {type: object}}}}\n",
        &["request-operation-body-added"],
        &["request-operation-body-removed"],
    ),
    (
        "        required: true\n        content",
        "        content",
        &["request-body-mandatory-removed"],
        &["request-body-mandatory-added"],
    ),
    (
        "responses: {'200': {description: ok}}",
        "responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}",
        &["response-operation-body-added"],
        &["response-operation-body-removed"],
    ),
    (
        "responses: {'200': {description: ok}}",
        "responses: {'200': {description: ok}, '202': {description: later}}",
        &["response-operation-status-added"],
        &["response-operation-status-removed"],
    ),
    (
        "content: {application/json: {schema: {$ref: '#/components/schemas/Request'}}}",
        "content: {application/json: {schema: {$ref: '#/components/schemas/Request'}}, text/csv: {}}",
        &["request-body-media-type-added"],
        &["request-body-media-type-removed"],
    ),
    (
        "content: {application/json: {schema: {$ref: '#/components/schemas/Reply'}}}",
        "content: {application/json: {schema: {$ref: '#/components/schemas/Reply'}}, text/csv: {}}",
        &["response-body-media-type-added"],
        &["response-body-media-type-removed"],
    ),
    // Parameters.
    (
        "        - {name: limit,",
        "        - {name: more, in: query, schema: {type: string}}\n        - {name: limit,",
        &["request-query-parameter-added"],
        &["request-query-parameter-removed"],
    ),
    (
        "        - {name: limit,",
        "        - {name: more, in: query, required: true, schema: {type: string}}\n        - {name: limit,",
        &["request-query-mandatory-parameter-added"],
        &["request-query-parameter-removed"],
    ),
    (
        "        - {name: region, in: header, schema: {type: string, minLength: 2, maxLength: 128}}\n",
        "",
        &["request-header-parameter-removed"],
        &["request-header-parameter-added"],
    ),
    (
        "in: header, schema: {type: string, minLength",
        "in: header, required: true, schema: {type: string, minLength",
        &["request-header-mandatory-added"],
        &["request-header-mandatory-removed"],
    ),
    (
        "{name: kind, in: query, required: true,",
        "{name: kind, in: query,",
        &["request-query-mandatory-removed"],
        &["request-query-mandatory-added"],
    ),
    (
        "{name: limit, in: query,",
        "{name: limit, in: header,",
        &["request-query-parameter-removed", "request-header-parameter-added"],
        &["request-header-parameter-removed", "request-query-parameter-added"],
    ),
    // Fields.
    ("        all: {type: boolean}\n", "", &["request-body-field-removed"], &["request-body-field-added"]),
    (
        "      required: [ids]\n      properties:\n",
        "      required: [ids, extra]\n      properties:\n        extra: {type: string}\n",
        &["request-body-mandatory-field-added"],
        &["request-body-field-removed"],
    ),
    ("required: [ids]", "required: [ids, all]", &["request-body-mandatory-added"], &["request-body-mandatory-removed"]),
    (
        "        when: {type: string, nullable: true}\n",
        "",
        &["response-body-field-removed"],
        &["response-body-field-added"],
    ),
    (
        "required: [total]",
        "required: [total, error]",
        &["response-body-mandatory-added"],
        &["response-body-mandatory-removed"],
    ),
    ("required: [depth]", "required: []", &["request-body-mandatory-removed"], &["request-body-mandatory-added"]),
    // Types.
    ("all: {type: boolean}", "all: {type: string}", &["request-body-type-changed"], &["request-body-type-changed"]),
    (
        "size: {type: integer, minimum: 1, maximum: 5}",
        "size: {type: number, minimum: 1, maximum: 5}",
        &["request-body-type-widened"],
        &["request-body-type-narrowed"],
    ),
    (
        "depth: {type: integer}",
        "depth: {type: integer, format: int64}",
        &["request-body-type-widened"],
        &["request-body-type-narrowed"],
    ),
    ("depth: {type: integer}", "depth: {type: integer, format: int32}", &[], &[]),
    (
        "total: {type: integer,",
        "total: {type: number,",
        &["response-body-type-widened"],
        &["response-body-type-narrowed"],
    ),
    (
        "when: {type: string, nullable: true}",
        "when: {type: integer, nullable: true}",
        &["response-body-type-changed"],
        &["response-body-type-changed"],
    ),
    (
        "{name: limit, in: query, schema: {type: integer,",
        "{name: limit, in: query, schema: {type: string,",
        &["request-query-type-changed"],
        &["request-query-type-changed"],
    ),
    (
        "all: {type: boolean}",
        "all: {type: boolean, oneOf: [{type: boolean}]}",
        &["request-body-type-changed"],
        &["request-body-type-changed"],
    ),
    (", format: date", "", &["request-body-format-removed"], &["request-body-format-added"]),
    ("format: date", "format: date-time", &["request-body-format-changed"], &["request-body-format-changed"]),
    (", format: uuid", "", &["response-body-format-removed"], &["response-body-format-added"]),
    ("format: uuid", "format: email", &["response-body-format-changed"], &["response-body-format-changed"]),
    // Null.
    (
        "all: {type: boolean}",
        "all: {type: boolean, nullable: true}",
        &["request-body-nullable-added"],
        &["request-body-nullable-removed"],
    ),
    (
        "when: {type: string, nullable: true}",
        "when: {type: string}",
        &["response-body-nullable-removed"],
        &["response-body-nullable-added"],
    ),
    // Lengths.
    (
        "minLength: 1, maxLength: 64, pattern",
        "minLength: 1, maxLength: 32, pattern",
        &["request-path-max-length-lowered"],
        &["request-path-max-length-raised"],
    ),
    (
        "minLength: 1, maxLength: 64, pattern",
        "minLength: 2, maxLength: 64, pattern",
        &["request-path-min-length-raised"],
        &["request-path-min-length-lowered"],
    ),
    (
        "minLength: 1, maxLength: 64, pattern",
        "minLength: 1, pattern",
        &["request-path-max-length-removed"],
        &["request-path-max-length-added"],
    ),
    (
        "minLength: 2, maxLength: 128",
        "maxLength: 128",
        &["request-header-min-length-removed"],
        &["request-header-min-length-added"],
    ),
    (
        "minLength: 2, maxLength: 128",
        "minLength: 0, maxLength: 128",
        &["request-header-min-length-removed"],
        &["request-header-min-length-added"],
    ),
    (
        "minLength: 1, maxLength: 9",
        "minLength: 1, maxLength: 10",
        &["request-body-max-length-raised"],
        &["request-body-max-length-lowered"],
    ),
    (
        "minLength: 1, maxLength: 9",
        "minLength: 3, maxLength: 9",
        &["request-body-min-length-raised"],
        &["request-body-min-length-lowered"],
    ),
    ("minLength: 1, maxLength: 9", "x-length: {min: 1, max: 9}", &[], &[]),
    (
        "minLength: 1, maxLength: 9",
        "minLength: 1",
        &["request-body-max-length-removed"],
        &["request-body-max-length-added"],
    ),
    (
        "minLength: 1, maxLength: 9",
        "maxLength: 9",
        &["request-body-min-length-removed"],
        &["request-body-min-length-added"],
    ),
    (
        "x-length: {min: 1, max: 256}",
        "x-length: {min: 1, max: 255}",
        &["response-body-max-length-lowered"],
        &["response-body-max-length-raised"],
    ),
    (
        "x-length: {min: 1, max: 256}",
        "x-length: {min: 2, max: 256}",
        &["response-body-min-length-raised"],
        &["response-body-min-length-lowered"],
    ),
    (
        "x-length: {min: 1, max: 256}",
        "x-length: {min: 1}",
        &["response-body-max-length-removed"],
        &["response-body-max-length-added"],
    ),
    (
        "x-length: {min: 1, max: 256}",
        "x-length: {max: 256}",
        &["response-body-min-length-removed"],
        &["response-body-min-length-added"],
    ),
    (
        "x-length: {max: 64}",
        "x-length: {max: 128}",
        &["response-body-max-length-raised"],
        &["response-body-max-length-lowered"],
    ),
    (
        "items: {type: string, maxLength: 64}",
        "items: {type: string, maxLength: 60}",
        &["request-body-max-length-lowered"],
        &["request-body-max-length-raised"],
    ),
    // Lists.
    ("maxItems: 200", "maxItems: 100", &["request-body-max-items-lowered"], &["request-body-max-items-raised"]),
    ("maxItems: 200, ", "", &["request-body-max-items-removed"], &["request-body-max-items-added"]),
    ("minItems: 1", "minItems: 2", &["request-body-min-items-raised"], &["request-body-min-items-lowered"]),
    ("minItems: 1, ", "", &["request-body-min-items-removed"], &["request-body-min-items-added"]),
    ("minItems: 1, ", "minItems: 0, ", &["request-body-min-items-removed"], &["request-body-min-items-added"]),
    (
        "{min: 1, max: 50}",
        "{min: 1, max: 49}",
        &["response-body-max-items-lowered"],
        &["response-body-max-items-raised"],
    ),
    ("{min: 1, max: 50}", "{min: 1}", &["response-body-max-items-removed"], &["response-body-max-items-added"]),
    (
        "{min: 1, max: 50}",
        "{min: 3, max: 50}",
        &["response-body-min-items-raised"],
        &["response-body-min-items-lowered"],
    ),
    ("{min: 1, max: 50}", "{max: 50}", &["response-body-min-items-removed"], &["response-body-min-items-added"]),
    // Numbers.
    (
        "minimum: 10, maximum: 200",
        "minimum: 10, maximum: 100",
        &["request-query-maximum-lowered"],
        &["request-query-maximum-raised"],
    ),
    (
        "minimum: 10, maximum: 200",
        "minimum: 20, maximum: 200",
        &["request-query-minimum-raised"],
        &["request-query-minimum-lowered"],
    ),
    ("minimum: 10, maximum: 200", "minimum: 10", &["request-query-maximum-removed"], &["request-query-maximum-added"]),
    ("minimum: 10, maximum: 200", "maximum: 200", &["request-query-minimum-removed"], &["request-query-minimum-added"]),
    (
        "minimum: 1, maximum: 5",
        "minimum: 0, maximum: 5",
        &["request-body-minimum-lowered"],
        &["request-body-minimum-raised"],
    ),
    (
        "minimum: 1, maximum: 5",
        "minimum: 1, maximum: 6",
        &["request-body-maximum-raised"],
        &["request-body-maximum-lowered"],
    ),
    ("{min: 1, max: 100}", "{min: 1, max: 99}", &["response-body-maximum-lowered"], &["response-body-maximum-raised"]),
    ("{min: 1, max: 100}", "{min: 0, max: 100}", &["response-body-minimum-lowered"], &["response-body-minimum-raised"]),
    ("{min: 1, max: 100}", "{min: 1}", &["response-body-maximum-removed"], &["response-body-maximum-added"]),
    ("{min: 1, max: 100}", "{max: 100}", &["response-body-minimum-removed"], &["response-body-minimum-added"]),
    // Patterns.
    (", pattern: '^q'", "", &["request-body-pattern-removed"], &["request-body-pattern-added"]),
    ("pattern: '^q'", "pattern: '^z'", &["request-body-pattern-changed"], &["request-body-pattern-changed"]),
    (", pattern: '^e'", "", &["response-body-pattern-removed"], &["response-body-pattern-added"]),
    ("pattern: '^e'", "pattern: '^z'", &["response-body-pattern-changed"], &["response-body-pattern-changed"]),
    (", pattern: '^a'", "", &["request-path-pattern-removed"], &["request-path-pattern-added"]),
    // Enums.
    ("enum: [x, y]", "enum: [x]", &["request-query-enum-value-removed"], &["request-query-enum-value-added"]),
    ("enum: [x, y]", "enum: [y, x]", &[], &[]),
    (
        "enum: [x, y]",
        "enum: [x, z]",
        &["request-query-enum-value-removed", "request-query-enum-value-added"],
        &["request-query-enum-value-removed", "request-query-enum-value-added"],
    ),
    ("enum: [x, y], ", "", &["request-query-enum-removed"], &["request-query-enum-added"]),
    (
        "enum: [red, green]",
        "enum: [red, green, blue]",
        &["request-body-enum-value-added"],
        &["request-body-enum-value-removed"],
    ),
    ("enum: [red, green], ", "", &["request-body-enum-removed"], &["request-body-enum-added"]),
    ("enum: [on, off]", "enum: [on]", &["response-body-enum-value-removed"], &["response-body-enum-value-added"]),
    ("enum: [on, off], ", "", &["response-body-enum-removed"], &["response-body-enum-added"]),
    // Defaults.
    ("default: 10", "default: 20", &["request-query-default-changed"], &["request-query-default-changed"]),
    (", default: 10", "", &["request-query-default-removed"], &["request-query-default-added"]),
    ("default: red", "default: green", &["request-body-default-changed"], &["request-body-default-changed"]),
    (", default: red", "", &["request-body-default-removed"], &["request-body-default-added"]),
    ("default: on", "default: off", &["response-body-default-changed"], &["response-body-default-changed"]),
    (", default: on", "", &["response-body-default-removed"], &["response-body-default-added"]),
    // Titles and descriptions do not matter to callers.
    ("title: t", "title: other", &[], &[]),
    ("description: ok", "description: fine", &[], &[]),
];
