//! Every refusal, word for word.

use chela_config::parse;

/// What the file says, and what is said of it.
const CASES: &[(&str, &str)] = &[
    (
        "[]",
        "chela.json5: is a list, not an object; write { agents: {…}, models: {…} }",
    ),
    (
        "{ agents: [] }",
        "chela.json5: `agents` is a list, not an object; write { defaults: {…} }",
    ),
    (
        "{ agents: {",
        "chela.json5:1:11: is not JSON5: an object is not closed; write the missing `}` or a comma",
    ),
    (
        "{ agents {} }",
        "chela.json5:1:10: is not JSON5: a colon is missing; write a colon between key and value",
    ),
    (
        "{ agents: {} models: {} }",
        "chela.json5:1:14: is not JSON5: a comma is missing; write a comma between entries",
    ),
    (
        "{\n  models: gpt,\n}",
        "chela.json5:2:11: is not JSON5: this is no value; put strings into quotes",
    ),
    (
        "{ a: 'x\n' }",
        "chela.json5:1:8: is not JSON5: a string runs over the end of its line; write the missing quote, or `\\` before the line break",
    ),
    (
        "{} {}",
        "chela.json5:1:4: is not JSON5: something follows after the end; take out what follows the last `}`",
    ),
    (
        "{ models: {}, models: {} }",
        "chela.json5:1:1: is not JSON5: the key \"models\" comes twice",
    ),
    (
        "{ models: { mode: 'both' } }",
        "chela.json5: `models.mode` is \"both\"; write \"merge\" or \"replace\"",
    ),
    (
        "{ agents: { defaults: { model: 'gpt-5.4' } } }",
        "chela.json5: `agents.defaults.model` is \"gpt-5.4\", which names no provider and is no alias; write `<provider>/gpt-5.4`, such as `openai/gpt-5.4`",
    ),
    (
        "{ agents: { defaults: { model: 3 } } }",
        "chela.json5: `agents.defaults.model` is a number, not a string or an object; write \"openai/gpt-5.4\", or { primary: \"openai/gpt-5.4\", fallbacks: [] }",
    ),
    (
        "{ agents: { defaults: { model: { primary: '' } } } }",
        "chela.json5: `agents.defaults.model.primary` is \"\", not a model reference: it is empty; write `<provider>/<model>`, such as `openai/gpt-5.4`",
    ),
    (
        "{ agents: { defaults: { model: { fallbacks: 'a/b' } } } }",
        "chela.json5: `agents.defaults.model.fallbacks` is a string, not a list; write [\"groq/llama-3.1-8b-instant\"]",
    ),
    (
        "{ agents: { defaults: { model: { primary: 'a/b', fallbacks: ['a/c', 'd'] } } } }",
        "chela.json5: `agents.defaults.model.fallbacks[1]` is \"d\", which names no provider and is no alias; write `<provider>/d`, such as `openai/d`",
    ),
    (
        "{ agents: { defaults: { models: { 'a/b': { alias: 'x' }, 'a/c': { alias: 'X' } } } } }",
        "chela.json5: `agents.defaults.models.\"a/c\".alias` is \"X\", which is the alias of `a/b` already; give each model an alias of its own",
    ),
    (
        "{ models: { providers: { 'a b': {} } } }",
        "chela.json5: `models.providers.\"a b\"` is not a provider id: ids fit [a-z0-9][a-z0-9._-]*; write `a-b`",
    ),
    (
        "{ models: { providers: { Acme: {}, acme: {} } } }",
        "chela.json5: `models.providers.acme` names the provider `acme` a second time: ids differ by more than case; put both into one, or give one of them another id",
    ),
    (
        "{ models: { providers: { a: { baseUrl: '127.0.0.1:8080' } } } }",
        "chela.json5: `models.providers.a.baseUrl` has no scheme; write it in full, such as \"https://api.acme.example/v1\" or \"http://127.0.0.1:8080/v1\"",
    ),
    (
        "{ models: { providers: { a: { baseUrl: 'localhost:8080' } } } }",
        "chela.json5: `models.providers.a.baseUrl` is neither an http nor an https URL; write it in full, such as \"https://api.acme.example/v1\" or \"http://127.0.0.1:8080/v1\"",
    ),
    (
        "{ models: { providers: { a: { baseUrl: 'http://k@a.example' } } } }",
        "chela.json5: `models.providers.a.baseUrl` holds user information; take out what stands before the `@`, and write a key as `apiKey`",
    ),
    (
        "{ models: { providers: { a: { baseUrl: 'http://a.example?x' } } } }",
        "chela.json5: `models.providers.a.baseUrl` has a query or a fragment; take out what stands from the `?` or `#` on",
    ),
    (
        "{ models: { providers: { a: { baseUrl: 8080 } } } }",
        "chela.json5: `models.providers.a.baseUrl` is a number, not a string; write \"https://api.acme.example/v1\"",
    ),
    (
        "{ models: { providers: { a: { timeoutSeconds: 0 } } } }",
        "chela.json5: `models.providers.a.timeoutSeconds` is 0, less than 1; write a whole number from 1 to 86400",
    ),
    (
        "{ models: { providers: { a: { timeoutSeconds: '300' } } } }",
        "chela.json5: `models.providers.a.timeoutSeconds` is a string, not a number; write a whole number from 1 to 86400",
    ),
    (
        "{ models: { providers: { a: { timeoutSeconds: Infinity } } } }",
        "chela.json5: `models.providers.a.timeoutSeconds` is not a whole number; write a whole number from 1 to 86400",
    ),
    (
        "{ models: { providers: { a: { apiKey: '' } } } }",
        "chela.json5: `models.providers.a.apiKey` is blank; write \"${ACME_API_KEY}\", or take the key out to have the usual variables looked up",
    ),
    (
        "{ models: { providers: { a: { apiKey: 'canary-${KEY}' } } } }",
        "chela.json5: `models.providers.a.apiKey` holds `${` beside other text; write \"${ACME_API_KEY}\" alone; what goes around a key is the provider's manifest's business",
    ),
    (
        "{ models: { providers: { a: { apiKey: 'canary canary' } } } }",
        "chela.json5: `models.providers.a.apiKey` holds a blank or a control character; write the key alone",
    ),
    (
        "{ models: { providers: { a: { apiKey: '${A-KEY}' } } } }",
        "chela.json5: `models.providers.a.apiKey` does not name an environment variable; write letters, digits and `_`, such as \"${ACME_API_KEY}\"",
    ),
    (
        "{ models: { providers: { a: { apiKey: 3 } } } }",
        "chela.json5: `models.providers.a.apiKey` is a number, not a string or an object; write \"${ACME_API_KEY}\", or { source: \"env\", id: \"ACME_API_KEY\" }",
    ),
    (
        "{ models: { providers: { a: { apiKey: {} } } } }",
        "chela.json5: `models.providers.a.apiKey.source` is missing; write source: \"env\" with the variable's name as id",
    ),
    (
        "{ models: { providers: { a: { apiKey: { source: 'vault' } } } } }",
        "chela.json5: `models.providers.a.apiKey.source` is \"vault\"; write \"env\", \"file\" or \"exec\"",
    ),
    (
        "{ models: { providers: { a: { apiKey: { source: 'file', path: 'key.txt' } } } } }",
        "chela.json5: `models.providers.a.apiKey.path` is a relative path; write it from the root, such as \"/run/secrets/acme\"",
    ),
    (
        "{ models: { providers: { a: { allowPlainHttp: 'yes' } } } }",
        "chela.json5: `models.providers.a.allowPlainHttp` is a string, not a boolean; write true or false, without quotes",
    ),
    (
        "{ models: { providers: { a: { compat: { n: NaN } } } } }",
        "chela.json5: `models.providers.a.compat.n` holds a number that JSON has no form for; write a finite number",
    ),
    (
        "{ models: { providers: { a: { models: [{ name: 'x' }] } } } }",
        "chela.json5: `models.providers.a.models[0].id` is missing; write the provider's id of the model",
    ),
    (
        "{ models: { providers: { a: { models: ['m', 'm'] } } } }",
        "chela.json5: `models.providers.a.models[1]` repeats the model \"m\"; take one of the two out",
    ),
    (
        "{ models: { providers: { a: { models: [{ id: 'm', cost: { input: -1 } }] } } } }",
        "chela.json5: `models.providers.a.models[0].cost.input` is no price; write dollars per million tokens, 0 or more",
    ),
    (
        "{ models: { providers: { a: { models: [{ id: 'm', contextWindow: 1.5 }] } } } }",
        "chela.json5: `models.providers.a.models[0].contextWindow` is not a whole number; write a whole number from 1 to 1099511627776",
    ),
    (
        "{ models: { providers: { a: { localService: { command: 'inferrs' } } } } }",
        "chela.json5: `models.providers.a.localService.command` is not an absolute path; write the program from the root, such as \"/usr/local/bin/server\"",
    ),
];

#[test]
fn refusals_name_the_place_the_fault_and_the_remedy() {
    let mut wrong = String::new();
    for (text, expected) in CASES {
        let said = match parse(text, "chela.json5") {
            Ok(_) => "nothing: it reads".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(!said.contains("canary"), "a key shows: {said}");
        if said != *expected {
            wrong += &format!("    ({text:?}, {said:?}),\n");
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{wrong}");
}
