//! The imports between the files of a crate, by its source.
//!
//! A file imports another if it names an item of it, through re-exports too. `mod` and `pub use` of a parent are not
//! imports: they only list names. Test modules are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, UseTree, Visibility};

/// The path of a module in its crate, without `crate`.
type Module = Vec<String>;

/// The names of one file.
#[derive(Default)]
struct File {
    /// The items that it defines.
    items: BTreeSet<String>,
    /// The paths that `use` brings into scope, by their names here.
    names: BTreeMap<String, Vec<String>>,
    /// The names that it only passes on.
    reexports: BTreeSet<String>,
    globs: Vec<Vec<String>>,
    /// The paths in its code, `use` included.
    paths: BTreeSet<Vec<String>>,
}

/// The files of one crate.
pub(crate) struct Imports(BTreeMap<Module, File>);

impl Imports {
    /// Reads the crate whose sources are in `folder`.
    pub(crate) fn of_crate(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        let root = ["lib.rs", "main.rs"].into_iter().map(|name| folder.join(name)).find(|path| path.exists());
        read(&root.unwrap(), folder, Vec::new(), &mut files);
        Self(files)
    }

    /// The groups of files that import each other, directly or through others.
    pub(crate) fn circles(&self) -> Vec<Vec<String>> {
        let edges: BTreeMap<&Module, BTreeSet<&Module>> =
            self.0.keys().map(|module| (module, self.imports_of(module))).collect();
        let reachable = |from: &Module| {
            let mut reached = BTreeSet::new();
            let mut next: Vec<&Module> = edges[from].iter().copied().collect();
            while let Some(module) = next.pop() {
                if reached.insert(module) {
                    next.extend(&edges[module]);
                }
            }
            reached
        };
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            self.0.keys().map(|module| (module, reachable(module))).collect();
        let mut circles = BTreeSet::new();
        for module in self.0.keys().filter(|module| reached[module].contains(module)) {
            let circle = self
                .0
                .keys()
                .filter(|other| reached[module].contains(other) && reached[other].contains(module));
            circles.insert(circle.map(name_of).collect());
        }
        circles.into_iter().collect()
    }

    /// The imports of each file in a circle from others in it, as `a -> b`.
    pub(crate) fn describe(&self, circle: &[String]) -> Vec<String> {
        let is_in = |module: &&Module| circle.contains(&name_of(module));
        let files = self.0.keys().filter(is_in);
        files
            .flat_map(|from| {
                let imports = self.imports_of(from).into_iter().filter(is_in);
                imports.map(move |to| format!("{} -> {}", name_of(from), name_of(to)))
            })
            .collect()
    }

    fn imports_of<'a>(&'a self, module: &Module) -> BTreeSet<&'a Module> {
        let paths = self.0[module].paths.iter();
        paths.filter_map(|path| self.resolve(module, path, 0)).filter(|found| *found != module).collect()
    }

    /// The file that has the item of a path.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<&Module> {
        if depth > 16 {
            return None;
        }
        let mut at = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
            }
            _ => {}
        }
        let is_relative = rest.len() == path.len();
        while let Some((name, after)) = rest.split_first() {
            let child = [at.as_slice(), std::slice::from_ref(name)].concat();
            if self.0.contains_key(&child) {
                (at, rest) = (child, after);
                continue;
            }
            let file = self.0.get(&at)?;
            if file.items.contains(name) {
                break;
            }
            if let Some(target) = file.names.get(name).filter(|target| target.as_slice() != path) {
                return self.resolve(&at, &[target, after].concat(), depth + 1);
            }
            let globs = file.globs.iter().filter_map(|glob| self.resolve(&at, glob, depth + 1));
            let mut with_item = globs.filter(|glob| self.0[*glob].items.contains(name));
            return match with_item.next() {
                Some(found) => Some(found),
                // A name of another crate, of the prelude, or of a macro's item.
                None if at.is_empty() || (is_relative && at == *module) => None,
                None => self.0.get_key_value(&at).map(|(module, _)| module),
            };
        }
        self.0.get_key_value(&at).map(|(module, _)| module)
    }
}

fn name_of(module: &Module) -> String {
    if module.is_empty() { "(root)".to_owned() } else { module.join("/") }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    attributes.iter().filter(is_cfg).any(|attribute| {
        let text = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
        text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "test")
    })
}

/// Reads a file, and those of its modules.
fn read(path: &Path, folder: &Path, module: Module, files: &mut BTreeMap<Module, File>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut file = File::default();
    let mut used = BTreeSet::new();
    for item in syntax.items {
        read_item(item, folder, &module, &mut file, &mut used, files);
    }
    // A name that a file passes on is an import only if its own code uses it too.
    for (name, path) in &file.names {
        if !file.reexports.contains(name) || used.contains(name) {
            file.paths.insert(path.clone());
        }
    }
    files.insert(module, file);
}

fn read_item(
    item: Item,
    folder: &Path,
    module: &Module,
    file: &mut File,
    used: &mut BTreeSet<String>,
    files: &mut BTreeMap<Module, File>,
) {
    let tokens = item.to_token_stream();
    match item {
        Item::Mod(item) if is_test(&item.attrs) => {}
        Item::Mod(item) => match item.content {
            Some((_, items)) => {
                for item in items {
                    read_item(item, folder, module, file, used, files);
                }
            }
            None => {
                let child = [module.as_slice(), &[item.ident.to_string()]].concat();
                let place = folder.join(child.join("/"));
                let path = [place.with_extension("rs"), place.join("mod.rs")];
                let path =
                    path.iter().find(|path| path.exists()).unwrap_or_else(|| panic!("no file of {child:?}"));
                read(path, folder, child, files);
            }
        },
        Item::Use(item) => {
            let is_passed_on = !matches!(item.vis, Visibility::Inherited);
            names_of(&item.tree, Vec::new(), is_passed_on, file);
        }
        _ => {
            file.items.extend(defined(&item));
            paths_of(tokens, file, used);
        }
    }
}

/// The name of an item that others can import.
fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn names_of(tree: &UseTree, mut prefix: Vec<String>, is_passed_on: bool, file: &mut File) {
    let mut add = |name: String, path: Vec<String>| {
        if is_passed_on {
            file.reexports.insert(name.clone());
        }
        file.names.insert(name, path);
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            names_of(&path.tree, prefix, is_passed_on, file);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                names_of(tree, prefix.clone(), is_passed_on, file);
            }
        }
        UseTree::Name(name) if name.ident == "self" => add(prefix.last().unwrap().clone(), prefix),
        UseTree::Name(name) => {
            prefix.push(name.ident.to_string());
            add(name.ident.to_string(), prefix);
        }
        UseTree::Rename(rename) => {
            if rename.ident != "self" {
                prefix.push(rename.ident.to_string());
            }
            // A trait that is imported as `_` is named by nothing else.
            let name = if rename.rename == "_" { prefix.join("::") } else { rename.rename.to_string() };
            add(name, prefix);
        }
        UseTree::Glob(_) => {
            if !is_passed_on {
                file.paths.insert(prefix.clone());
            }
            file.globs.push(prefix);
        }
    }
}

/// Adds the paths in code, those inside macros too.
fn paths_of(tokens: TokenStream, file: &mut File, used: &mut BTreeSet<String>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    end_path(&mut path, file);
                }
                used.insert(ident.to_string());
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                end_path(&mut path, file);
                colons = 0;
                if let TokenTree::Group(group) = other {
                    paths_of(group.stream(), file, used);
                }
            }
        }
    }
    end_path(&mut path, file);
}

fn end_path(path: &mut Vec<String>, file: &mut File) {
    if path.len() > 1 {
        file.paths.insert(std::mem::take(path));
    }
    path.clear();
}

#[test]
fn circles_are_found_through_reexports_and_in_macros() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a; mod b; mod c; mod d;\npub use b::inner::B;");
    write("a.rs", "use crate::B;\npub struct A;\nfn f(_: B) {}");
    write("b/mod.rs", "pub mod inner;\npub use inner::B;");
    write("b/inner.rs", "pub struct B;\nfn f() { println!(\"{:?}\", crate::a::A) }");
    write("c.rs", "use crate::b::B;\n#[cfg(test)]\nmod tests { use crate::d::D; }");
    write("d.rs", "use crate::c;\npub struct D(std::vec::Vec<u8>);");
    let imports = Imports::of_crate(folder.path());
    assert_eq!(imports.circles(), [["a", "b/inner"]]);
    assert_eq!(imports.describe(&imports.circles()[0]), ["a -> b/inner", "b/inner -> a"]);
}
