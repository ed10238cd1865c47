//! What every command that knows of providers begins with: where things are, and what is configured.

use crate::args::{COMPILE, KEEP, Service, Shared, Target};
use crate::audit::RequestLog;
use crate::environment::{self, Process};
use crate::paths::{self, Paths};
use crate::picture::Canvas;
use crate::printer::{self, Printer};
use chela_catalog::Catalog;
use chela_config::{Config, ConfigError, ModelRef};
use chela_credentials::Environment;
use chela_egress::{AuditSink, Egress, EgressOptions, NoAudit, Proxies, Roots};
use chela_envelope::{ErrorBody, ErrorType};
use chela_manifest::{Family, ProviderId};
use chela_runtime::{Folder, JobStore, Runtime, RuntimeOptions, Selection};
use chela_sandbox::{CompilerCommand, Sandbox, SandboxError, SandboxOptions, SealingKey};
use chela_services::{KeeperCommand, Services};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Where things are and what is configured.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) paths: Paths,
    pub(crate) config: Config,
    /// How pictures are drawn, where standard output is a terminal that can.
    pub(crate) canvas: Option<Canvas>,
    /// The variables, and the ways to keys.
    environment: Environment,
}

impl Session {
    /// Finds the paths and reads the configuration. What the configuration passes over is told on standard error.
    ///
    /// # Errors
    ///
    /// A `config` error where there is no home, or the configuration cannot be read.
    pub(crate) fn open(
        shared: &Shared,
        process: &Process,
        printer: &Printer,
    ) -> Result<Self, ErrorBody> {
        let paths = Paths::find(shared.config.as_deref())?;
        let config = read(&paths, printer)?;
        let state = paths.state.clone();
        // Opened by the first provider that asks, for all of them.
        let kept = OnceLock::new();
        let environment = process.variables.clone().with_kept_keys(move |provider| {
            match kept.get_or_init(|| paths::kept_keys(&state)) {
                Ok(Some(keys)) => keys.read(provider),
                Ok(None) => Ok(None),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            }
        });
        Ok(Self {
            paths,
            config,
            canvas: printer::stdout_is_terminal()
                .then(|| Canvas::of(&process.variables, process.raw.no_color()))
                .flatten(),
            environment,
        })
    }

    /// The model that a person means: a reference, or an alias of the configuration.
    ///
    /// # Errors
    ///
    /// A `usage` error for a model without a provider.
    pub(crate) fn model(&self, text: &str) -> Result<ModelRef, ErrorBody> {
        self.config.resolve(text).map_err(|error| {
            let body = ErrorBody::new(ErrorType::Usage, format!("--model: {}", error.problem()));
            if self.providers().provider(text).is_some() {
                return body.hint(format!(
                    "for the default model of `{text}` write --provider {text}"
                ));
            }
            match error.hint() {
                Some(hint) => body.hint(hint),
                None => body,
            }
        })
    }

    /// Reads the flags that say who is to be asked.
    ///
    /// # Errors
    ///
    /// A `usage` error for a model without a provider.
    pub(crate) fn selection(&self, target: &Target) -> Result<Selection, ErrorBody> {
        let model = target
            .model
            .as_deref()
            .map(|text| self.model(text))
            .transpose()?;
        let timeout = target.timeout_ms.map(Duration::from_millis);
        Ok(Selection {
            model,
            provider: target.provider.clone(),
            timeout,
        })
    }

    /// Reads the flags that say which provider without models is to be asked.
    pub(crate) fn service(service: &Service) -> Selection {
        Selection {
            model: None,
            provider: service.provider.clone(),
            timeout: service.timeout_ms.map(Duration::from_millis),
        }
    }

    /// The providers there are, without a word about what is wrong with them.
    pub(crate) fn providers(&self) -> Catalog {
        Catalog::new(chela_bundled::components(), &self.config, &self.environment)
    }

    /// The providers there are. Reads manifests and nothing else. What is wrong with them is told on standard error.
    pub(crate) fn catalog(&self, printer: &Printer) -> Catalog {
        warned(self.providers(), printer)
    }

    /// The providers of one family, for who lists them: the manifests of components that serve others are not read.
    pub(crate) fn catalog_of(&self, family: Family, printer: &Printer) -> Catalog {
        let serving: Vec<_> = chela_bundled::components()
            .iter()
            .filter(|component| component.families.contains(&family.as_str()))
            .copied()
            .collect();
        // What the configuration names besides can be made of any component.
        let there = |id: &ProviderId| {
            serving
                .iter()
                .any(|component| component.providers.contains(&id.as_str()))
        };
        if !self.config.models.providers.keys().all(there) {
            return self.catalog(printer);
        }
        warned(
            Catalog::new(&serving, &self.config, &self.environment),
            printer,
        )
    }

    /// What answers requests. Opens folders and nothing else: components are loaded, and sockets opened, when a request needs
    /// them; in a dry run, no socket and no record.
    ///
    /// # Errors
    ///
    /// `config` where a folder, a proxy or a file of certificates cannot be used, `internal` where the sandbox does not start.
    pub(crate) fn runtime(&self, dry_run: bool, printer: &Printer) -> Result<Runtime, ErrorBody> {
        let Paths { state, cache, .. } = &self.paths;
        let media = state.join("media");
        let media =
            Folder::new(paths::private(&media)?, "", media).map_err(|error| internal(&error))?;
        let keys = paths::private(&state.join("keys"))?;
        let compiled_path = cache.join("compiled");
        let sandbox = SealingKey::load_or_create(&keys)
            .and_then(|key| {
                let compiled = paths::private(&compiled_path)
                    .map_err(|error| io::Error::other(error.message))?;
                let compiler = CompilerCommand {
                    program: environment::program()?,
                    args: vec![COMPILE.into()],
                };
                Sandbox::new(SandboxOptions {
                    compiled,
                    key,
                    compiler,
                })
            })
            .map_err(|error| match error {
                SandboxError::NotPrivate => ErrorBody::new(ErrorType::Config, error.to_string())
                    .hint(format!(
                        "run: chmod 700 {} {}",
                        compiled_path.display(),
                        state.join("keys").display()
                    )),
                SandboxError::Store(_) => ErrorBody::new(ErrorType::Config, error.to_string())
                    .hint("CHELA_STATE_DIR and CHELA_CACHE_DIR name other folders"),
                error => internal(&error),
            })?;
        let audit: Arc<dyn AuditSink> = if dry_run {
            Arc::new(NoAudit)
        } else {
            Arc::new(RequestLog::new(paths::private(state)?))
        };
        let egress = Egress::new(EgressOptions {
            spool: Some(paths::private(&cache.join("spool"))?),
            audit,
            roots: roots()?,
            proxies: self.proxies()?,
            dry_run,
            ..EgressOptions::default()
        });
        let catalog = self.catalog(printer);
        let catalog = if dry_run {
            catalog.for_rehearsal()
        } else {
            catalog
        };
        // Nobody is asked in a dry run, so nothing has to be up and nothing is to be kept.
        let (jobs, services) = if dry_run {
            (None, None)
        } else {
            (self.jobs().ok(), self.services(&catalog)?.map(Arc::new))
        };
        let options = RuntimeOptions {
            jobs,
            watcher: printer.watcher(),
            services,
            dry_run,
            ..RuntimeOptions::new(media)
        };
        Ok(Runtime::new(Arc::new(catalog), sandbox, egress, options))
    }
}

impl Session {
    /// What starts the servers of the operator's own; none where none is configured.
    fn services(&self, catalog: &Catalog) -> Result<Option<Services>, ErrorBody> {
        let mut configured = self.config.models.providers.values();
        if configured.all(|provider| provider.local_service.is_none()) {
            return Ok(None);
        }
        let program = environment::program().map_err(|error| internal(&error))?;
        let keeper = KeeperCommand {
            program,
            args: vec![KEEP.into()],
            withheld: self.withheld(catalog),
        };
        let folder = paths::own(&self.paths.services())?;
        Ok(Some(Services::new(folder, keeper)))
    }

    /// The jobs that are not done.
    ///
    /// # Errors
    ///
    /// `config` where their folder cannot be used.
    pub(crate) fn jobs(&self) -> Result<JobStore, ErrorBody> {
        let path = self.paths.state.join("jobs");
        Ok(JobStore::new(paths::own(&path)?, path))
    }

    fn proxies(&self) -> Result<Proxies, ErrorBody> {
        Proxies::of_variables(|name| self.environment.var(name)).map_err(|error| {
            ErrorBody::new(ErrorType::Config, error.to_string()).hint(format!(
                "write {}=http://proxy.example:3128 (http, https, socks5 or socks5h), or unset it",
                error.variable
            ))
        })
    }
}

/// The certificates that the operator's variables name. One that names nothing is a mistake, and not a wish for another trust.
fn roots() -> Result<Roots, ErrorBody> {
    let file = environment::path("SSL_CERT_FILE");
    let folders = environment::paths("SSL_CERT_DIR");
    Roots::read(file.as_deref(), &folders).map_err(|error| {
        ErrorBody::new(ErrorType::Config, error.to_string()).hint(format!(
            "set {} to certificates in PEM form, or unset it for those of the system",
            error.variable
        ))
    })
}

impl Session {
    /// The variables that no local server gets to see: those with keys, and addresses of proxies with a password in them.
    fn withheld(&self, catalog: &Catalog) -> Vec<String> {
        let proxies = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
        let spelt = proxies
            .into_iter()
            .flat_map(|name| [name.to_owned(), name.to_lowercase()]);
        let secret = spelt.filter(|name| {
            let value = self.environment.var(name);
            value.is_some_and(|value| value.contains('@'))
        });
        catalog.key_variables().into_iter().chain(secret).collect()
    }
}

/// Tells what is wrong with providers on standard error.
fn warned(catalog: Catalog, printer: &Printer) -> Catalog {
    for warning in catalog.warnings() {
        printer.warning(warning);
    }
    catalog
}

fn internal(error: &dyn std::error::Error) -> ErrorBody {
    ErrorBody::new(ErrorType::Internal, error.to_string())
        .hint("this is a fault in chela: please report it with the message")
}

/// Reads the configuration. Without one, chela runs on what it brings along; but one that was named has to be there.
fn read(paths: &Paths, printer: &Printer) -> Result<Config, ErrorBody> {
    let label = paths.config.display().to_string();
    let file = match paths::open(&paths.config) {
        Ok(file) => file,
        // A home that is no folder has no configuration in it either.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) && !paths.config_named =>
        {
            return Ok(Config::default());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ErrorBody::new(
                ErrorType::Config,
                format!("the configuration file {label} is not there"),
            )
            .hint("--config and CHELA_CONFIG name the file; without them the usual one is read"));
        }
        Err(error) => {
            return Err(ErrorBody::new(
                ErrorType::Config,
                format!("the configuration file {label} cannot be opened: {error}"),
            )
            .hint("--config and CHELA_CONFIG name another file"));
        }
    };
    let (config, warnings) =
        chela_config::read(file, &label).map_err(|error| unreadable(&error))?;
    for warning in warnings {
        printer.warning(&format!("{label}: {warning}"));
    }
    Ok(config)
}

fn unreadable(error: &ConfigError) -> ErrorBody {
    ErrorBody::new(ErrorType::Config, error.problem()).hint(
        error
            .hint()
            .unwrap_or_else(|| "--config and CHELA_CONFIG name another file".to_owned()),
    )
}
