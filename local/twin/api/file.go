package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func fileRoutes() []route {
	const read, write, resume = "files:read:admin", "files:write:admin", "resumes:read:admin"
	const files, file = "/opportunities/:opportunity/files", "/opportunities/:opportunity/files/:file"
	const resumes = "/opportunities/:opportunity/resumes"
	return []route{
		{"GET", files, read, optional, under(listFiles)},
		{"POST", files, write, required, under(createFile)},
		{"GET", file, read, optional, under(getFile)},
		{"GET", file + "/download", read, optional, under(downloadFile)},
		{"DELETE", file, write, required, under(deleteFile)},
		{"GET", "/opportunities/:opportunity/file_actions", read, optional, under(listFileActions)},
		{"GET", resumes, resume, optional, under(listResumes)},
		{"GET", resumes + "/:resume", resume, optional, under(getResume)},
		{"GET", resumes + "/:resume/download", resume, optional, under(downloadResume)},
		{"POST", "/uploads", "uploads:write:admin", optional, createUpload},
	}
}

func listFiles(c *call, o *account.Opportunity) (answer, error) {
	within, err := c.span("uploaded_at")
	if err != nil {
		return answer{}, err
	}
	return listAll(c, o.Files(within), func(f *account.File) listed {
		return listed{at: f.UploadedAt, id: f.ID, object: f}
	})
}

func createFile(c *call, o *account.Opportunity) (answer, error) {
	blob, err := c.file("file")
	if err != nil {
		return answer{}, err
	}
	f, err := c.account.AddFile(o, blob, c.as)
	return done(c, http.StatusCreated, f, err)
}

func getFile(c *call, o *account.Opportunity) (answer, error) {
	f, err := o.File(c.path["file"])
	return done(c, http.StatusOK, f, err)
}

func downloadFile(c *call, o *account.Opportunity) (answer, error) {
	f, err := o.File(c.path["file"])
	if err != nil {
		return answer{}, err
	}
	content, err := c.account.FileContent(f)
	return answer{status: http.StatusOK, raw: &download{f.Name, content}}, err
}

func deleteFile(c *call, o *account.Opportunity) (answer, error) {
	return nothing(c.account.DeleteFile(o, c.path["file"], c.as))
}

func listFileActions(c *call, o *account.Opportunity) (answer, error) {
	within, err := c.span("occurred_at")
	if err != nil {
		return answer{}, err
	}
	return listAll(c, o.FileActions(within), func(x account.FileAction) listed {
		return listed{at: x.OccurredAt, id: x.ID, object: x}
	})
}

func listResumes(c *call, o *account.Opportunity) (answer, error) {
	within, err := c.span("uploaded_at")
	if err != nil {
		return answer{}, err
	}
	return listAll(c, o.Resumes(within), func(r *account.Resume) listed {
		return listed{at: r.CreatedAt, id: r.ID, object: r}
	})
}

func getResume(c *call, o *account.Opportunity) (answer, error) {
	r, err := o.Resume(c.path["resume"])
	return done(c, http.StatusOK, r, err)
}

func downloadResume(c *call, o *account.Opportunity) (answer, error) {
	r, err := o.Resume(c.path["resume"])
	if err != nil {
		return answer{}, err
	}
	content, err := c.account.ResumeContent(r)
	return answer{status: http.StatusOK, raw: &download{r.File.Name, content}}, err
}

func createUpload(c *call) (answer, error) {
	blob, err := c.file("file")
	if err != nil {
		return answer{}, err
	}
	u, err := c.account.AddUpload(blob)
	return done(c, http.StatusCreated, u, err)
}
