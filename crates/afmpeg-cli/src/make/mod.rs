//! `afmpeg make`: common tasks as commands.

mod animation;
mod encoding;
mod format;
mod grid;
mod media;
mod numbers;
mod options;
mod part;
mod plan;
mod recipe;
mod recipes;
mod renditions;
mod runner;
mod script;
mod shown_paths;
mod sound_image;
mod source;
mod summary;
mod target;

use std::time::Instant;

pub(crate) use options::MakeOptions;

use self::{
    format::Content,
    media::{Media, MediaFile},
    options::Common,
    plan::Plan,
    recipe::Recipe,
    runner::{Runner, Scratch},
    shown_paths::ShownPaths,
    source::Source,
    summary::Made,
    target::{Stage, Target},
};
use crate::{failure::Failure, module, output, stderr};

pub(crate) fn make(options: &MakeOptions) -> Result<(), Failure> {
    let (recipe, common) = options.recipe.parts();
    let started = Instant::now();
    let mut paths = ShownPaths::default();
    let result = execute(recipe, common, &mut paths);
    let result = result.map_err(|failure| failure.with_texts(|text| paths.in_text(text)));
    if common.json {
        output::print(&summary::line(&result, started.elapsed())?)?;
    } else if let Ok(Some(made)) = &result
        && !common.quiet
    {
        output::print(&summary::text(made))?;
    }
    result.map(drop)
}

/// Makes the output, or prints its commands and returns `None`.
fn execute(recipe: &dyn Recipe, common: &Common, paths: &mut ShownPaths) -> Result<Option<Made>, Failure> {
    let first = Source::find(recipe.input())?;
    let more = recipe.more().iter().map(|path| Source::find(path)).collect::<Result<Vec<_>, _>>()?;
    let others = recipe.others().into_iter().map(Source::find).collect::<Result<Vec<_>, _>>()?;
    let all = || std::iter::once(&first).chain(&more);
    for source in all().chain(&others) {
        paths.add(&source.guest, source.typed());
    }
    let texts = recipe.texts().into_iter().map(source::read_text).collect::<Result<Vec<_>, _>>()?;
    let folders = all().chain(&others).map(|source| source.folder.clone()).collect();
    let runner = Runner::new(module::load(&common.module)?, folders, common.quiet || common.json);

    let probes = all().map(|source| runner.probe(source)).collect::<Result<Vec<_>, _>>()?;
    let capabilities = runner.capabilities()?;
    let in_guest = |source: &Source| source.guest.clone();
    let media = |name: &dyn Fn(&Source) -> String| {
        let files = all().zip(&probes).map(|(source, probe)| MediaFile {
            path: name(source),
            probe: probe.clone(),
            stem: source.stem(),
        });
        let others = others.iter().map(name).collect();
        Media::new(files, others, texts.clone(), capabilities)
    };
    let mut media_in_guest = media(&in_guest)?;
    let default_name = recipe.default_output(&media_in_guest)?;
    let content = recipe.content(&media_in_guest);
    let is_folder = content == Content::Folder;
    let target = Target::new(common.output.as_deref(), &default_name, is_folder, common.overwrite);
    if !common.print {
        target.check()?;
    }
    let file = &media_in_guest.first;
    content.kind().map_or(Ok(()), |kind| file.require(kind))?;
    format::check(content, &target.typed(), &file.probe, capabilities)?;

    let scratch = Scratch::new();
    media_in_guest.scratch = scratch.guest();
    while let Some(measurement) = recipe.measurement(&media_in_guest)? {
        let measured = runner.measure(&measurement, &media_in_guest, &scratch)?;
        media_in_guest.measured.push(measured);
    }
    if common.print {
        let mut media = media(&|source| source.typed())?;
        media.measured = media_in_guest.measured;
        media.output = target.typed();
        media.scratch = script::scratch(&media.output);
        let plan = recipe.plan(&media)?;
        output::print_bytes(&script::of(&plan, &target))?;
        print_notes(&plan.notes);
        return Ok(None);
    }
    let stage = target.stage()?;
    media_in_guest.output = stage.guest();
    paths.add(stage.guest(), stage.typed());
    paths.add(stage.folder().guest(), stage.typed_folder());
    let mut plan = recipe.plan(&media_in_guest)?;
    for note in &mut plan.notes {
        *note = paths.in_text(note);
    }
    let made = write(&runner, &plan, &stage, &scratch)?;
    stage.commit()?;
    print_notes(&made.notes);
    Ok(Some(made))
}

/// Runs the command of a plan, and describes its outputs.
fn write(runner: &Runner, plan: &Plan, stage: &Stage, scratch: &Scratch) -> Result<Made, Failure> {
    let output = runner.write(plan, stage, scratch)?;
    let mut notes = plan.notes.clone();
    notes.extend(output.statistics().damage().map(|damage| format!("an input is damaged: {damage}")));
    let files = stage.files()?;
    let described = files.into_iter().map(|file| {
        // The file is complete whether or not it can be described.
        let probe =
            plan.describes(&file.guest).then(|| runner.probe_staged(stage, &file.guest).ok()).flatten();
        summary::File::new(&file, probe.as_ref())
    });
    Ok(Made { files: described.collect(), notes })
}

fn print_notes(notes: &[String]) {
    for note in notes {
        stderr::print(format!("note: {note}\n"));
    }
}
