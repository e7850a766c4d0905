//! The options of a component, a filter or an encoder, in the syntax of the macros of `afmpeg-cmd`.

use std::collections::{BTreeMap, BTreeSet};

use afmpeg_types::capabilities::{AvOption, OptionFlag, OptionType};

use super::{
    docs,
    names::{identifier, type_name},
};

/// Classes whose options many components share: their named values are generated once.
const SHARED: &[&str] = &["framesync"];

/// A component with options.
pub(super) struct Component<'a> {
    name: &'a str,
    item: Item,
    options: Vec<&'a AvOption>,
}

/// The item in Rust that has the methods of options.
#[derive(Debug, Clone, Copy)]
enum Item {
    Struct,
    Trait,
    /// A macro, for many structs.
    Macro,
}

impl<'a> Component<'a> {
    /// A component whose options are methods of a struct.
    pub(super) fn new(name: &'a str, options: impl IntoIterator<Item = &'a AvOption>) -> Self {
        Self { name, item: Item::Struct, options: options.into_iter().collect() }
    }

    /// A set of options, which are methods of a trait.
    pub(super) fn generic(name: &'a str, options: impl IntoIterator<Item = &'a AvOption>) -> Self {
        Self { item: Item::Trait, ..Self::new(name, options) }
    }

    /// A set of options, which are methods of each component that has them.
    pub(super) fn family(name: &'a str, options: impl IntoIterator<Item = &'a AvOption>) -> Self {
        Self { item: Item::Macro, ..Self::new(name, options) }
    }

    /// Returns the options that get methods: each once, by its first name.
    pub(super) fn options(&self) -> impl Iterator<Item = &'a AvOption> {
        let mut seen = BTreeSet::new();
        let named = self.options.iter().filter(|option| option.alias_of.is_none() && !is_retired(option));
        named.filter(move |option| seen.insert(option.name.as_str())).copied()
    }

    /// Writes the options between braces.
    pub(super) fn write_options(&self, text: &mut String) {
        if self.options().next().is_none() {
            text.push_str("{}\n");
            return;
        }
        text.push_str("{\n");
        for option in self.options() {
            text.push_str(&docs::comment(&docs::option(option), 8));
            let method = identifier(&option.name);
            let is_alias = |other: &&&AvOption| {
                other.alias_of.as_ref() == Some(&option.name) && other.class == option.class
            };
            let aliases = self.options.iter().filter(is_alias).map(|other| &other.name);
            let is_other = |name: &&String| method.trim_start_matches("r#") != name.as_str();
            let aliases: BTreeSet<&String> = aliases.chain([&option.name]).filter(is_other).collect();
            if !aliases.is_empty() {
                let aliases: Vec<String> = aliases.into_iter().map(|alias| format!("{alias:?}")).collect();
                text.push_str(&format!("        #[doc(alias({}))]\n", aliases.join(", ")));
            }
            text.push_str(&format!("        {method} {:?} {},\n", option.name, self.class(option)));
        }
        text.push_str("    }\n");
    }

    fn owner(&self, option: &'a AvOption) -> &'a str {
        match &option.class {
            Some(class) if SHARED.contains(&class.as_str()) => class,
            _ => self.name,
        }
    }

    /// Returns the name of the type of an option's values: that of the option or, if several share it, FFmpeg's name of
    /// the set.
    fn choice_name(&self, option: &'a AvOption) -> String {
        let fits =
            |other: &&AvOption| is_choice(other) && other.unit == option.unit && other.class == option.class;
        let name = match &option.unit {
            Some(unit) if self.options().filter(fits).count() > 1 => unit,
            _ => &option.name,
        };
        format!("{}{}", type_name(self.owner(option)), type_name(name))
    }

    /// Returns the macros' name of the type of an option's values.
    fn class(&self, option: &'a AvOption) -> String {
        if is_choice(option) { self.choice_name(option) } else { plain_class(option).to_owned() }
    }

    fn choice(&self, option: &'a AvOption) -> anyhow::Result<Choice<'a>> {
        let name = self.choice_name(option);
        let same = self.options().filter(|other| is_choice(other) && self.choice_name(other) == name);
        let options: Vec<String> = same.map(|option| format!("`{}`", option.name)).collect();
        let owner = type_name(self.owner(option));
        let of = match self.item {
            Item::Macro => ", in all encoders that have it".to_owned(),
            _ if self.owner(option) != self.name => ", in all filters that have it".to_owned(),
            Item::Struct => format!(" of [`{owner}`](struct@{owner})"),
            Item::Trait => format!(" of [`{owner}`](trait@{owner})"),
        };
        let doc = format!("The values of {}{of}.", options.join(", "));
        let mut variants = BTreeMap::new();
        let mut names = Vec::new();
        // Some of FFmpeg's sets list every name twice.
        let mut known = BTreeSet::new();
        for constant in option.constants.iter().filter(|constant| known.insert(constant.name.as_str())) {
            let mut variant = type_name(&constant.name);
            if variants.contains_key(&variant)
                && constant.name.starts_with(|first: char| first.is_ascii_uppercase())
            {
                // `t` and `T` are different names.
                variant.insert_str(0, "Upper");
            }
            if let Some(value) = variants.insert(variant.clone(), constant.value) {
                // `iec61966_2_4` and `iec61966-2-4` are one value.
                let is_same = value == constant.value;
                anyhow::ensure!(is_same, "two values of {} of {} become {variant}", option.name, self.name);
                continue;
            }
            names.push((
                constant.name.as_str(),
                variant,
                docs::sentence(constant.help.as_deref().unwrap_or_default(), &constant.name),
            ));
        }
        Ok(Choice { doc, names })
    }
}

/// Whether new code should not use an option: it is read-only or deprecated.
fn is_retired(option: &AvOption) -> bool {
    option.has(OptionFlag::Readonly) || option.has(OptionFlag::Deprecated)
}

/// Whether an option takes only named values.
fn is_choice(option: &AvOption) -> bool {
    let is_whole = matches!(option.kind, OptionType::Int | OptionType::Int64 | OptionType::Uint);
    is_whole && option.list.is_none() && option.constants.len() > 1 && !are_numbers(option)
}

/// Whether the names are just their values in digits.
fn are_numbers(option: &AvOption) -> bool {
    option.constants.iter().all(|constant| constant.name == constant.value.to_string())
}

/// Returns the macros' name of the type of values that are not only named ones.
fn plain_class(option: &AvOption) -> &'static str {
    let has_word = !option.constants.is_empty() && !are_numbers(option);
    match option.kind {
        _ if option.list.is_some() || has_word => "Value",
        OptionType::Bool => "bool",
        OptionType::Int | OptionType::Int64 | OptionType::Uint | OptionType::Uint64 => "Integer",
        OptionType::Float | OptionType::Double => "Number",
        OptionType::Duration => "Time",
        _ => "Value",
    }
}

/// A set of named values, as a type.
pub(super) struct Choice<'a> {
    doc: String,
    /// The names, their variants, and their documentation.
    names: Vec<(&'a str, String, String)>,
}

impl Choice<'_> {
    pub(super) fn write(&self, text: &mut String, name: &str) {
        text.push_str("choice! {\n");
        text.push_str(&docs::comment(&self.doc, 4));
        text.push_str(&format!("    {name} {{\n"));
        for (name, variant, doc) in &self.names {
            text.push_str(&docs::comment(doc, 8));
            text.push_str(&format!("        {variant} {name:?},\n"));
        }
        text.push_str("    }\n}\n");
    }
}

/// The types of named values in a file.
pub(super) struct Choices<'a, 's> {
    /// The names of all types in the file.
    types: BTreeSet<String>,
    /// The types of other files that this one uses.
    imports: BTreeSet<String>,
    shared: &'s mut BTreeMap<String, Choice<'a>>,
}

impl<'a, 's> Choices<'a, 's> {
    /// The types of a file with these components; `shared` receives those of classes that many components share.
    pub(super) fn new(
        components: impl IntoIterator<Item = &'a str>,
        shared: &'s mut BTreeMap<String, Choice<'a>>,
    ) -> anyhow::Result<Self> {
        let mut types = BTreeSet::new();
        for component in components {
            let is_new = types.insert(type_name(component));
            anyhow::ensure!(is_new, "another component has the type name of {component}");
        }
        Ok(Self { types, imports: BTreeSet::new(), shared })
    }

    /// Writes the types that only this component has.
    pub(super) fn write(&mut self, text: &mut String, component: &Component<'a>) -> anyhow::Result<()> {
        let mut own = BTreeMap::new();
        for option in component.options().filter(|option| is_choice(option)) {
            let name = component.choice_name(option);
            let choice = component.choice(option)?;
            if component.owner(option) == component.name {
                let is_new = self.types.insert(name.clone());
                anyhow::ensure!(is_new || own.contains_key(&name), "duplicate type name {name}");
                own.entry(name).or_insert(choice);
            } else {
                self.imports.insert(name.clone());
                let known = self.shared.entry(name.clone()).or_insert(choice);
                let names = option.constants.iter().map(|constant| constant.name.as_str());
                let is_same = known.names.iter().map(|(name, ..)| *name).eq(names);
                anyhow::ensure!(is_same, "{name} differs in {}", component.name);
            }
        }
        for (name, choice) in &own {
            text.push('\n');
            choice.write(text, name);
        }
        Ok(())
    }

    /// Returns the names of the shared types that the file uses.
    pub(super) fn imports(&self) -> impl Iterator<Item = &str> {
        self.imports.iter().map(String::as_str)
    }
}
